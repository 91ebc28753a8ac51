package dev.respec.model.eagle3;

/**
 * How far training unrolls the drafter over its own states: loss = Σ decay^j · loss of pass j.
 *
 * @param length passes; the paper's code uses 7
 * @param decay weight of a pass relative to the one before
 */
public record TrainingTimeTest(int length, double decay) {
    public TrainingTimeTest {
        if (length < 1 || !(decay > 0 && decay <= 1)) {
            throw new IllegalArgumentException(
                    "a training-time test needs length >= 1 and decay in (0, 1], got " + length + ", " + decay);
        }
    }
}
