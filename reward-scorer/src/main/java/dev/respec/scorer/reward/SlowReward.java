package dev.respec.scorer.reward;

/**
 * A reward function that waits for a process or a service. The scorer calls it beside the stream of rollouts, at most
 * {@link #parallelCalls} times at once.
 *
 * <p>Contract of {@link #score}: it bounds its own time; it throws {@link RewardUnavailableException} if no reward can
 * be had, and an interrupt ends it with that.
 */
public interface SlowReward extends RewardFunction, AutoCloseable {
    int parallelCalls();

    /** Ends what it started. Idempotent. */
    @Override
    void close();
}
