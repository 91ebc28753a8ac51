package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.ScoringInput;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs reward functions so that none can stop the scorer. A call that throws or outlasts the timeout yields 0 and the
 * reason. It is interrupted; a thread that ignores that is left behind and the next call gets a new one. After
 * {@value #HANGS_BEFORE_REST} hangs of one function within {@link #REST}, or while {@value #MOST_HANGING} of its threads
 * hang, its calls fail at once, so that the time lost stays a small share and the memory bounded.
 *
 * <p>Thread-safe.
 */
public final class GuardedRewards implements AutoCloseable {
    static final int HANGS_BEFORE_REST = 3;
    static final int MOST_HANGING = 16;
    static final Duration REST = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(GuardedRewards.class);
    private static final long IDLE_SECONDS = 30;

    private final Duration timeout;
    private final Clock clock;
    private final AtomicInteger threadCount = new AtomicInteger();
    private final Map<String, Hangs> hangsByFunction = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;

    public GuardedRewards(Duration timeout, Clock clock) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout is %s, expected more than 0".formatted(timeout));
        }
        this.timeout = timeout;
        this.clock = clock;
        // No queue: a call starts at once, on an idle thread or a new one. Callers bound how many run together.
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);
    }

    private Thread thread(Runnable work) {
        var thread = new Thread(work, "reward-" + threadCount.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /** Returns after the timeout at the latest. Not for slow functions, which bound their own time. */
    public RewardOutcome score(RewardFunction function, ScoringInput input) {
        Hangs hangs = hangsByFunction.computeIfAbsent(function.name(), name -> new Hangs());
        String refusal = hangs.refusal(clock.instant());
        if (refusal != null) {
            return RewardOutcome.failed("reward function '%s' %s".formatted(function.name(), refusal));
        }
        Future<Reward> call = threads.submit(() -> hangs.observe(function, input));
        try {
            return RewardOutcome.of(call.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            call.cancel(true);
            hangs.record(function.name(), clock.instant());
            return RewardOutcome.failed("reward function '%s' gave no reward within %d ms (scorer.reward-timeout)"
                    .formatted(function.name(), timeout.toMillis()));
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause() == null ? e : e.getCause();
            return RewardOutcome.failed("reward function '%s' threw %s".formatted(function.name(), line(thrown)));
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while scoring with '%s'".formatted(function.name()), e);
        }
    }

    static String line(Throwable thrown) {
        String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
        return line(thrown.getClass().getSimpleName() + message);
    }

    /** As it may stand in a record: one line of bounded length. */
    static String line(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= 300 ? line : line.substring(0, 300) + "…";
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** Hangs of one function. */
    private final class Hangs {
        private final AtomicInteger running = new AtomicInteger();
        private int recent;
        private Instant firstRecent = Instant.MIN;
        private Instant restUntil = Instant.MIN;

        Reward observe(RewardFunction function, ScoringInput input) {
            running.incrementAndGet();
            try {
                Reward reward = function.score(input);
                if (reward == null) {
                    throw new IllegalStateException("it returned null");
                }
                return reward;
            } finally {
                running.decrementAndGet();
            }
        }

        synchronized @Nullable String refusal(Instant now) {
            if (now.isBefore(restUntil)) {
                return "rests until %s after %d calls that hung".formatted(restUntil, HANGS_BEFORE_REST);
            }
            return running.get() >= MOST_HANGING
                    ? "is not called: %d earlier calls still hang".formatted(running.get())
                    : null;
        }

        synchronized void record(String name, Instant now) {
            if (now.isAfter(firstRecent.plus(REST))) {
                firstRecent = now;
                recent = 0;
            }
            recent++;
            if (recent >= HANGS_BEFORE_REST) {
                restUntil = now.plus(REST);
                recent = 0;
                log.atError()
                        .addKeyValue("rewardFunction", name)
                        .addKeyValue("timeoutMillis", timeout.toMillis())
                        .addKeyValue("stillRunning", running.get())
                        .addKeyValue("restSeconds", REST.toSeconds())
                        .log("reward function hangs and rests: its rollouts get reward 0; make it return in time"
                                + " or raise scorer.reward-timeout");
            }
        }
    }
}
