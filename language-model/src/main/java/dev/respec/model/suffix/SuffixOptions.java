package dev.respec.model.suffix;

/**
 * What a draft from a suffix tree may look like.
 *
 * @param lengthFactor tokens drafted at most for each matched token
 * @param lengthOffset added to that
 * @param minimumProbability a token whose path is less probable is not drafted
 */
public record SuffixOptions(float lengthFactor, float lengthOffset, float minimumProbability) {
    /** Those of ArcticInference: as many tokens as were matched, of a probability of at least 0.1. */
    public static final SuffixOptions DEFAULT = new SuffixOptions(1, 0, 0.1f);

    public SuffixOptions {
        if (!(lengthFactor >= 0)) {
            throw new IllegalArgumentException("length factor must not be negative, found " + lengthFactor);
        }
        if (!(minimumProbability >= 0 && minimumProbability <= 1)) {
            throw new IllegalArgumentException("minimum probability must be from 0 to 1, found " + minimumProbability);
        }
    }

    /** Tokens that may be drafted after a match of the given length. */
    int maxTokens(int matchLength) {
        return Math.max(0, (int) Math.floor(matchLength * lengthFactor + lengthOffset + 1e-6));
    }
}
