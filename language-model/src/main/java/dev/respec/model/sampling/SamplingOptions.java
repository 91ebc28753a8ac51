package dev.respec.model.sampling;

/**
 * How tokens are drawn from the target's logits.
 *
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topP keeps the smallest set of most likely tokens whose mass reaches topP; 1 keeps all
 * @param topK keeps the topK most likely tokens, ties included, before topP is applied; 0 keeps all
 * @param recorded which distribution the recorded log-probabilities belong to
 */
public record SamplingOptions(double temperature, double topP, int topK, Recorded recorded) {
    /** The distribution of the recorded log-probabilities. */
    public enum Recorded {
        /** log softmax(logits / temperature) over the whole vocabulary, whatever topK and topP cut away. */
        FULL,
        /** The distribution that was sampled from, renormalised over what topK and topP keep. */
        FILTERED
    }

    public SamplingOptions {
        if (!(temperature >= 0) || temperature == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("temperature must be 0 or a positive number, found " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p must be above 0 and at most 1, found " + topP);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top-k must not be negative (0 keeps all), found " + topK);
        }
    }

    public SamplingOptions(double temperature, double topP, int topK) {
        this(temperature, topP, topK, Recorded.FULL);
    }

    /** The most likely token; log-probabilities are recorded at temperature 1. */
    public static SamplingOptions greedy() {
        return new SamplingOptions(0, 1, 0);
    }

    public static SamplingOptions atTemperature(double temperature) {
        return new SamplingOptions(temperature, 1, 0);
    }

    public boolean isGreedy() {
        return temperature == 0;
    }

    /** Whether less than the whole distribution is sampled from. */
    public boolean isFiltered() {
        return topP < 1 || topK > 0;
    }
}
