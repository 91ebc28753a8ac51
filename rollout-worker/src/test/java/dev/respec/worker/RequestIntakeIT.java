package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The intake without a model: what a worker does with a request is to hold it for a while.
 *
 * <p>{@code -Drespec.queue.requests=400 -Drespec.queue.long=10000} plays longer, and
 * {@code -Drespec.queue.busy=4} does so beside four busy threads.
 */
@Isolated
class RequestIntakeIT {
    private static final int REQUESTS = Integer.getInteger("respec.queue.requests", 60);
    private static final int LONG_QUEUE = Integer.getInteger("respec.queue.long", 2_600);
    private static final long SEED = Long.getLong("respec.seed", 1);
    private static final int CAPACITY = 16;
    private static final Duration PATIENCE = Duration.ofMinutes(Long.getLong("respec.queue.minutes", 2));

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private final List<IntakeHolder> holders = new ArrayList<>();
    private final BusyThreads busyThreads = new BusyThreads();
    private EventProducer producer;

    @BeforeEach
    void start() {
        producer = cluster.events().producer();
    }

    @AfterEach
    void stop() {
        busyThreads.close();
        holders.forEach(holder -> holder.intake.close());
        producer.close();
    }

    private IntakeHolder holder(int fills, int most) {
        IntakeHolder holder = new IntakeHolder(cluster.events(), new RequestIntake.Room(fills, most));
        holders.add(holder);
        return holder;
    }

    private record Hold(String id, long untilNanos) {}

    @Test
    void shouldHandOutAtOnceWhileThereIsRoom() throws InterruptedException {
        System.out.printf("seed %d, %d requests, %d busy threads%n", SEED, REQUESTS, BusyThreads.COUNT);
        Random random = new Random(SEED);
        IntakeHolder worker = holder(CAPACITY, CAPACITY);
        warmUp(worker);

        // Given at most as many requests outstanding as the worker takes, held for 0.1 to 20 s
        List<Double> waits = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        PriorityQueue<Hold> held = new PriorityQueue<>((a, b) -> Long.compare(a.untilNanos(), b.untilNanos()));
        int sent = 0;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (seen.size() < REQUESTS && System.nanoTime() < deadline) {
            while (!held.isEmpty() && held.peek().untilNanos() <= System.nanoTime()) {
                worker.claims.finish(held.remove().id());
            }
            if (sent < REQUESTS && sent - seen.size() + held.size() < CAPACITY) {
                send("flow-" + sent++);
            }
            Event<RolloutRequest> event = worker.intake.next(Duration.ofMillis(5));
            if (event != null) {
                assertThat(seen.add(event.requireValue().getRequestId())).isTrue();
                waits.add(Duration.between(event.timestamp(), Instant.now()).toMillis() / 1e3);
                double seconds = 0.1 * Math.pow(200, random.nextDouble());
                held.add(new Hold(event.requireValue().getRequestId(), System.nanoTime() + (long) (seconds * 1e9)));
            }
        }

        // Then none waits while there is room for it, and each comes once
        double[] sorted =
                waits.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                "wait of %d requests: median %.3f s, p95 %.3f s, most %.3f s; redelivered %.0f, locks lost %.0f%n",
                sorted.length,
                sorted[sorted.length / 2],
                sorted[sorted.length * 95 / 100],
                sorted[sorted.length - 1],
                worker.count("respec.queue.redeliveries"),
                worker.count("respec.queue.locks.lost"));
        assertThat(sorted).hasSize(REQUESTS);
        assertThat(sorted[sorted.length * 95 / 100]).isLessThanOrEqualTo(0.3);
        assertThat(sorted[sorted.length - 1]).isLessThanOrEqualTo(2);
        assertThat(Arrays.stream(sorted).filter(wait -> wait > 0.5).count())
                .as("places free while a request has waited for 0.5 s")
                .isLessThanOrEqualTo(BusyThreads.COUNT == 0 ? 0 : 1);
        assertThat(worker.count("respec.queue.redeliveries")).isZero();
        assertThat(worker.count("respec.queue.locks.lost")).isZero();
    }

    @Test
    void shouldPassAnyNumberOfRequestsByOneThatIsHeld() throws InterruptedException {
        IntakeHolder worker = holder(CAPACITY, CAPACITY);
        warmUp(worker);
        long begun = System.nanoTime();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < LONG_QUEUE; i++) {
                var unused = producer.send(TopicCatalogue.ROLLOUT_REQUESTS, "long-" + i, request("long-" + i));
            }
            producer.flush();
        });

        Set<String> ended = new HashSet<>();
        String held = null;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ended.size() < LONG_QUEUE - 1 && System.nanoTime() < deadline) {
            Event<RolloutRequest> event = worker.intake.next(Duration.ofMillis(100));
            if (event != null && held == null && event.offset() % 10 == 4) {
                held = event.requireValue().getRequestId();
            } else if (event != null) {
                ended.add(event.requireValue().getRequestId());
                worker.claims.finish(event.requireValue().getRequestId());
            }
        }

        assertThat(sending).succeedsWithin(PATIENCE);
        System.out.printf("%d requests by one that is held: %.1f s%n", LONG_QUEUE, (System.nanoTime() - begun) / 1e9);
        assertThat(ended).hasSize(LONG_QUEUE - 1).doesNotContain(held);
        assertThat(worker.claims.view().held()).containsExactly(held);
    }

    @Test
    void shouldLeaveToOthersWhatItHasNoRoomForAndTakeItWhenNobodyElseDoes() throws InterruptedException {
        // Given a worker that needs one request and may take three more if nobody wants them
        IntakeHolder first = holder(1, 4);
        warmUp(first);
        send("share-0");
        assertThat(take(first)).isEqualTo("share-0");

        // When others are free, it leaves what comes to them, one at most apart, whose fetch was open
        IntakeHolder second = holder(4, 4);
        AtomicInteger next = new AtomicInteger(1);
        warmUp(second);
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            send("share-" + next.getAndIncrement());
        }
        await().atMost(PATIENCE).until(() -> {
            var event = second.intake.next(Duration.ofMillis(10));
            if (event != null) {
                taken.add(event.requireValue().getRequestId());
            }
            return taken.size() >= 3;
        });

        // And when nobody is free, it takes what has waited, up to its limit
        for (int i = 0; i < 8; i++) {
            send("share-" + next.getAndIncrement());
        }
        Thread.sleep(300); // longer than it takes to call a request unwanted
        first.claims.view().held().forEach(first.claims::finish);
        await().atMost(PATIENCE).until(() -> first.claims.size() >= 4);
        Thread.sleep(500);
        assertThat(first.claims.size()).isBetween(4, 5);
        assertThat(second.claims.size()).isBetween(4, 5);

        // so that the next test finds an empty queue
        first.claims.view().held().forEach(first.claims::finish);
        second.claims.view().held().forEach(second.claims::finish);
        drain(first);
    }

    @Test
    void shouldNotTakeABacklogBeyondItsRoom() throws InterruptedException {
        for (int round = 0; round < 5; round++) {
            IntakeHolder worker = holder(1, 1);
            warmUp(worker);
            Thread.sleep(250); // polls time out and leave a fetch open
            for (int i = 0; i < 20; i++) {
                send("backlog-" + round + "-" + i);
            }
            Thread.sleep(1_000);
            assertThat(worker.claims.size()).as("round " + round).isLessThanOrEqualTo(2);
            drain(worker);
        }
    }

    @Test
    void shouldTakeNothingWhileTheEngineHangs() throws InterruptedException {
        IntakeHolder worker = holder(CAPACITY, CAPACITY);
        warmUp(worker);
        worker.engineMoves.set(false);
        Thread.sleep(150); // a poll in progress ends

        send("hung-0");
        assertThat(worker.intake.next(Duration.ofSeconds(1))).isNull();

        IntakeHolder other = holder(1, 1);
        assertThat(take(other)).isEqualTo("hung-0");
    }

    @Test
    void shouldNotTakeARequestAgainThatItHoldsOrHasEnded() throws InterruptedException {
        IntakeHolder worker = holder(CAPACITY, CAPACITY);
        send("again-0");
        assertThat(take(worker)).isEqualTo("again-0");
        send("again-0");
        awaitRepeats(worker, 1);
        worker.claims.finish("again-0");
        send("again-0");
        awaitRepeats(worker, 2);

        assertThat(worker.intake.next(Duration.ofMillis(200))).isNull();
    }

    private static void awaitRepeats(IntakeHolder worker, int repeats) {
        await().atMost(PATIENCE).until(() -> {
            assertThat(worker.intake.next(Duration.ZERO)).isNull();
            return worker.count("respec.queue.repeats") == repeats;
        });
    }

    /** Until its consumer has joined the group. */
    private void warmUp(IntakeHolder worker) throws InterruptedException {
        send("warm-" + holders.size() + "-" + System.nanoTime());
        IntakeHolder taker = null;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (taker == null) {
            assertThat(System.nanoTime()).as("somebody takes a request").isLessThan(deadline);
            for (IntakeHolder each : holders) {
                Event<RolloutRequest> event = each.intake.next(Duration.ofMillis(20));
                if (event != null) {
                    each.claims.finish(event.requireValue().getRequestId());
                    taker = each;
                }
            }
        }
        Thread.sleep(taker == worker ? 0 : 1_000);
    }

    private static void drain(IntakeHolder worker) throws InterruptedException {
        for (var event = worker.intake.next(Duration.ofSeconds(1));
                event != null;
                event = worker.intake.next(Duration.ofSeconds(1))) {
            worker.claims.finish(event.requireValue().getRequestId());
        }
    }

    private static String take(IntakeHolder worker) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < deadline) {
            Event<RolloutRequest> event = worker.intake.next(Duration.ofMillis(100));
            if (event != null) {
                return event.requireValue().getRequestId();
            }
        }
        throw new AssertionError("nothing came");
    }

    private void send(String id) {
        producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, id, request(id));
    }

    private static RolloutRequest request(String id) {
        RolloutRequest request = TinyWorker.request("intake", 0);
        request.setRequestId(id);
        return request;
    }
}
