package dev.respec.trainer.loss;

/**
 * Settings of {@link PolicyLoss}.
 *
 * @param clipLow the ratio is clipped below at 1 − clipLow
 * @param clipHigh the ratio is clipped above at 1 + clipHigh
 * @param klCoefficient factor of the k3 divergence from the reference policy; 0 leaves it out
 * @param correction treatment of tokens sampled from another policy
 * @param importanceCap largest importance weight; unused by {@link ImportanceCorrection#NONE}
 */
public record LossSettings(
        double clipLow, double clipHigh, double klCoefficient, ImportanceCorrection correction, double importanceCap) {
    public LossSettings {
        require(clipLow > 0 && clipLow <= 1, "clip-low must be in (0, 1]", clipLow);
        require(clipHigh > 0, "clip-high must be positive", clipHigh);
        require(klCoefficient >= 0, "kl must not be negative", klCoefficient);
        require(importanceCap > 0, "importance cap must be positive", importanceCap);
    }

    /** Whether log-probabilities of a reference policy are needed. */
    public boolean needsReference() {
        return klCoefficient > 0;
    }

    private static void require(boolean condition, String message, double value) {
        if (!condition) {
            throw new IllegalArgumentException(message + ", got " + value);
        }
    }
}
