package dev.respec.model.sampling;

/** Turns logits into unnormalised probabilities exp((x - max) · scale). Any thread may call. */
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
}
