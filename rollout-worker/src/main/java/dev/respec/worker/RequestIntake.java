package dev.respec.worker;

import dev.respec.schemas.RolloutRequest;
import dev.respec.stage.BackgroundThread;
import dev.respec.topics.Event;
import dev.respec.topics.EventQueue;
import dev.respec.topics.QueuedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests from the queue while there is room. A request goes to the engine's thread at once, so that the engine
 * does not wait for the broker. Meanwhile it is claimed in the worker's status, and accepted once the claim is durable:
 * whoever dies before that leaves the request in the queue or in a claim. If the acceptance fails, this worker keeps the
 * request and its claim, and whatever another worker generates of it as well is dropped as a repeat.
 *
 * <p>Everything up to {@link Room#fills} is taken at once. Up to {@link Room#most} a request is taken only if it had lain
 * in the queue for a while, because then no worker was free for it. At most one more can follow, as a fetch that is open
 * cannot be called back. Until the worker is ready it takes one request.
 */
final class RequestIntake implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RequestIntake.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration UNWANTED_AFTER = Duration.ofMillis(100);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Supplier<EventQueue<RolloutRequest>> open;
    private final RequestClaims claims;
    private final Supplier<CompletableFuture<?>> announce;
    private final Room room;
    private final BooleanSupplier engineMoves;
    private final IntakeMeters meters;
    private final BlockingQueue<Event<RolloutRequest>> taken = new LinkedBlockingQueue<>();
    private final BackgroundThread thread;
    private volatile boolean ready;
    private volatile @Nullable RuntimeException failure;
    private boolean othersWereBusy;
    private boolean releasedInHang;

    /**
     * How many requests a worker holds.
     *
     * @param fills what keeps it busy
     * @param most what it takes of requests that no other worker wanted
     */
    record Room(int fills, int most) {
        Room {
            if (fills < 1 || most < fills) {
                throw new IllegalArgumentException("room for %d to %d requests".formatted(fills, most));
            }
        }
    }

    /**
     * Starts taking.
     *
     * @param open makes the queue, in the intake's own thread
     * @param announce sends the claims; done when the log has them
     * @param engineMoves whether what is taken has a chance to be generated
     */
    RequestIntake(
            Supplier<EventQueue<RolloutRequest>> open,
            RequestClaims claims,
            Supplier<CompletableFuture<?>> announce,
            Room room,
            BooleanSupplier engineMoves,
            IntakeMeters meters) {
        this.open = open;
        this.claims = claims;
        this.announce = announce;
        this.room = room;
        this.engineMoves = engineMoves;
        this.meters = meters;
        thread = new BackgroundThread("intake", CLOSE_TIMEOUT, this::run);
        thread.start();
    }

    /** The worker generates from now on. */
    void ready() {
        ready = true;
    }

    /** The next request that this worker answers for; null if none comes within the timeout. */
    @Nullable
    Event<RolloutRequest> next(Duration timeout) throws InterruptedException {
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        return timeout.isZero() ? taken.poll() : taken.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try (EventQueue<RolloutRequest> queue = open.get()) {
            while (thread.isOpen()) {
                long releases = claims.releases();
                if (mayPoll(queue)) {
                    queue.poll(POLL).ifPresent(event -> take(event, queue));
                } else {
                    claims.awaitRelease(releases, PAUSE);
                }
            }
        } catch (RuntimeException | Error e) {
            failure = new IllegalStateException("the intake of requests ended: " + e, e);
            log.atError().addKeyValue("reason", e.toString()).log("Intake ends, no request can be taken");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A fetch that is open is waited for, so that what it acquires does not lie unread. The wait ends with one request
     * past the room, and while the engine hangs with one released: if another fetch is open by then, what it acquires
     * goes to another worker when its lock ends.
     */
    private boolean mayPoll(EventQueue<RolloutRequest> queue) {
        int held = claims.size();
        int most = !ready ? 1 : othersWereBusy ? room.most() : room.fills();
        if (!engineMoves.getAsBoolean()) {
            return !queue.quiet() && !releasedInHang;
        }
        releasedInHang = false;
        return held < most || (held == most && !queue.quiet());
    }

    private void take(QueuedEvent<RolloutRequest> event, EventQueue<RolloutRequest> queue) {
        if (!thread.isOpen() || !engineMoves.getAsBoolean()) {
            queue.release();
            releasedInHang = true;
            return;
        }
        String id = event.value().getRequestId();
        if (!claims.claim(id)) {
            meters.repeated();
            settle(queue);
            return;
        }
        Duration waited = Duration.between(event.event().timestamp(), Instant.now());
        othersWereBusy = waited.compareTo(UNWANTED_AFTER) > 0;
        meters.taken(waited, event.deliveryCount());
        taken.add(event.event());
        settle(queue);
    }

    /** Without a durable claim nobody would ask again for what this worker takes with it: then the queue keeps it. */
    private void settle(EventQueue<RolloutRequest> queue) {
        if (!announced()) {
            queue.release();
            meters.lost();
        } else if (!queue.accept()) {
            meters.lost();
        }
    }

    private boolean announced() {
        try {
            announce.get().join();
            return true;
        } catch (CompletionException e) {
            log.atWarn().addKeyValue("reason", String.valueOf(e.getCause())).log("Claim was not written");
            return false;
        }
    }

    /** Takes nothing more. What was taken and not asked for stays claimed. */
    @Override
    public void close() {
        thread.close();
    }
}
