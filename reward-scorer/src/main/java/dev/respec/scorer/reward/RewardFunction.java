package dev.respec.scorer.reward;

/**
 * Judges one response. Implementations are found through {@link java.util.ServiceLoader}: name the class in
 * {@code META-INF/services/dev.respec.scorer.reward.RewardFunction} of a jar in {@code scorer.reward-jars}.
 *
 * <p>{@link #score} is called from several threads at once and must be a function of its input alone: after a crash
 * the same rollout may be scored again. It runs under {@code scorer.reward-timeout} and is interrupted past it; what it
 * throws becomes a reward of 0 with the reason beside it.
 */
public interface RewardFunction {
    /** The name a request's task refers to. */
    String name();

    Reward score(ScoringInput input);
}
