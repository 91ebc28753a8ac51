package dev.respec.scorer.reward;

/**
 * Judges one response. Implementations are found through {@link java.util.ServiceLoader}: name the class in
 * {@code META-INF/services/dev.respec.scorer.reward.RewardFunction} of a jar in {@code scorer.reward-jars}.
 *
 * <p>{@link #score} is called from several threads at once and must be a function of its input alone: after a crash
 * the same rollout may be scored again. What it throws becomes a reward of 0 with the reason beside it, but for {@link
 * RewardUnavailableException}. Functions of jars run in processes of their own: past {@code scorer.reward-timeout}, or
 * if one ends its process, there is no reward. Under {@code reward.trusted} they run inside the scorer, are interrupted
 * past the timeout, and the reward is 0.
 */
public interface RewardFunction {
    /** The name a request's task refers to. */
    String name();

    Reward score(ScoringInput input);

    /**
     * Looks at a data line before a run, so that one that cannot be judged is known before rollouts are made of it. Not
     * called for functions of jars.
     *
     * @param line without a response
     * @throws IllegalArgumentException naming field and reason
     */
    default void check(ScoringInput line) {}
}
