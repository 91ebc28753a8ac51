package dev.respec.scorer;

import dev.respec.scorer.child.FunctionThrewException;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Calls slow reward functions beside the stream, each with threads of its own, so that a slow one delays no other.
 * Thread-safe.
 */
final class SlowCalls implements AutoCloseable {
    private final RewardTimes times;
    private final Map<String, ExecutorService> threads = new ConcurrentHashMap<>();
    private volatile boolean closed;

    SlowCalls(RewardTimes times) {
        this.times = times;
    }

    /** Completes with an outcome, never with an exception. */
    CompletableFuture<RewardOutcome> begin(String part, SlowReward function, ScoringInput input) {
        Supplier<RewardOutcome> timed = () -> {
            long start = System.nanoTime();
            RewardOutcome outcome = call(function, input);
            times.record(part, System.nanoTime() - start);
            return outcome;
        };
        return CompletableFuture.supplyAsync(timed, threads.computeIfAbsent(function.name(), name -> threads(function)))
                .exceptionally(thrown -> RewardOutcome.unavailable(
                        "reward function '%s' ended with %s".formatted(function.name(), GuardedRewards.line(thrown))));
    }

    private RewardOutcome call(SlowReward function, ScoringInput input) {
        if (closed) {
            return RewardOutcome.unavailable("the scorer ends");
        }
        try {
            Reward reward = function.score(input);
            return RewardOutcome.of(reward);
        } catch (RewardUnavailableException e) {
            return RewardOutcome.unavailable(GuardedRewards.line(String.valueOf(e.getMessage())));
        } catch (FunctionThrewException e) {
            return RewardOutcome.failed("reward function '%s' threw %s"
                    .formatted(function.name(), GuardedRewards.line(String.valueOf(e.getMessage()))));
        } catch (RuntimeException e) {
            return RewardOutcome.failed(
                    "reward function '%s' threw %s".formatted(function.name(), GuardedRewards.line(e)));
        }
    }

    private static ExecutorService threads(SlowReward function) {
        var count = new AtomicInteger();
        return Executors.newFixedThreadPool(function.parallelCalls(), work -> {
            var thread = new Thread(work, "reward-" + function.name() + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Interrupts the calls under way. */
    @Override
    public void close() {
        closed = true;
        threads.values().forEach(ExecutorService::shutdownNow);
    }
}
