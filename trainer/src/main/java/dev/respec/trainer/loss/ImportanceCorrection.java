package dev.respec.trainer.loss;

/**
 * How the policy loss treats that tokens were sampled from another policy than the one being trained.
 *
 * <p>w is exp(log π_proximal − log π_behaviour), a constant in the gradient.
 */
public enum ImportanceCorrection {
    /** Ratio against the behaviour policy, no weight. */
    NONE,
    /** Ratio against the proximal policy, times min(w, cap): truncated importance sampling. */
    TIS,
    /** As {@link #TIS}; the name decoupled PPO uses, customarily with a larger cap. */
    DECOUPLED_CLAMP,
    /** Ratio against the proximal policy, times w; tokens with w above the cap count as zero but stay in the divisor. */
    DECOUPLED_MASK;

    double weight(double importance, double cap) {
        return switch (this) {
            case NONE -> 1;
            case TIS, DECOUPLED_CLAMP -> Math.min(importance, cap);
            case DECOUPLED_MASK -> importance > cap ? 0 : importance;
        };
    }
}
