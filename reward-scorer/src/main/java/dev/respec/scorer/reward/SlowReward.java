package dev.respec.scorer.reward;

import java.time.Duration;

/**
 * A reward function that waits for a process or a service. The scorer calls it beside the stream of rollouts, at most
 * {@link #parallelCalls} times at once.
 *
 * <p>Contract of {@link #score}: it bounds its own time; it throws {@link RewardUnavailableException} if no reward can
 * be had, and an interrupt ends it with that.
 */
public interface SlowReward extends RewardFunction, AutoCloseable {
    int parallelCalls();

    /**
     * Asks once whether what it depends on is there and takes its calls. Without anything to depend on it returns.
     *
     * @param timeout of the attempt
     * @throws RewardUnavailableException if nothing answers, or not yet: a later attempt may succeed
     * @throws RewardFunctionException if it refuses calls such as these: no later attempt will succeed
     */
    default void requireAnswer(Duration timeout) {}

    /** Ends what it started. Idempotent. */
    @Override
    void close();
}
