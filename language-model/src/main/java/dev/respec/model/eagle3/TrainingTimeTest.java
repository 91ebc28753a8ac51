package dev.respec.model.eagle3;

/**
 * How far training unrolls the drafter over its own states: loss = Σ decay^j · loss of pass j.
 *
 * @param length passes; the paper's code uses 7
 * @param decay weight of a pass relative to the one before
 * @param totalVariation weight of the total variation between teacher and draft beside the cross-entropy: the probability
 *     that speculative sampling rejects a draft
 */
public record TrainingTimeTest(int length, double decay, double totalVariation) {
    public TrainingTimeTest {
        if (length < 1 || !(decay > 0 && decay <= 1)) {
            throw new IllegalArgumentException(
                    "a training-time test needs length >= 1 and decay in (0, 1], got " + length + ", " + decay);
        }
        if (!(totalVariation >= 0 && totalVariation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the weight of the total variation must be 0 or more, got " + totalVariation);
        }
    }

    /** Cross-entropy alone. */
    public TrainingTimeTest(int length, double decay) {
        this(length, decay, 0);
    }
}
