package dev.respec.model.sampling;

/** One token drawn from each row of a step, and its log-probability at the temperature it was drawn at. */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record SampledRows(int[] tokens, float[] logProbabilities) {
    public SampledRows {
        for (float logProbability : logProbabilities) {
            if (!(logProbability <= 0)) {
                throw new IllegalArgumentException(
                        "the logits hold NaN or infinity: the model's output cannot be sampled");
            }
        }
    }
}
