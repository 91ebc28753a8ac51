package dev.respec.model.sampling;

/**
 * Turns logits into unnormalised probabilities exp((x - max) · scale), and passes over them, whole vocabularies at a time.
 * Weights are not negative. Any thread may call.
 */
public interface LogitWeights {
    /** In loops that every Java turns into vector instructions. */
    LogitWeights PLAIN = new PlainLogitWeights();

    /** Index, counted from {@code at}, of the largest of some logits, the smallest among equals; meaningless if one is NaN. */
    int largest(float[] logits, int at, int count);

    /**
     * Writes the weights of some logits. What is below e^-45 of the most likely token becomes exactly 0; NaN stays NaN.
     *
     * @param max at least the largest of the logits
     * @param out receives the weights from index {@code from} on
     * @return their sum
     */
    double weigh(float[] logits, int at, int count, double max, double scale, double[] out, int from);

    /** Zeroes weights below a threshold and returns the sum of the others. */
    double cut(double[] weights, int from, int count, double threshold);

    /** Sum of the weights that reach a threshold. */
    double sumFrom(double[] weights, double threshold);

    /** Copies the weights from low to below high, in their order; returns how many there are. */
    int collect(double[] weights, double low, double high, double[] out);

    /** Writes the largest weight of each run of so many, the last of which may be shorter; returns the number of runs. */
    int maxima(double[] weights, int run, double[] out);
}
