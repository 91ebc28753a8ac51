package dev.respec.model.sampling;

import dev.respec.model.sampling.SamplingOptions.Recorded;

/**
 * A categorical distribution over the vocabulary in reusable buffers: a row of logits at a temperature, cut by top-k and
 * top-p. Kept as unnormalised weights w with their sum W, p = w / W. One thread at a time; nothing is allocated after
 * construction.
 *
 * <p>Sums are kept by block: a row of a large vocabulary is weighed a block at a time, which the processor's first cache
 * holds, and drawing from it walks through one block only. The weights of all tokens are kept only once something is cut
 * or taken from them.
 */
public final class TokenDistribution {
    private static final int BLOCK = 1024;

    private final double[] weights;
    private final double[] blockSums;
    private final double[] block = new double[BLOCK];
    private final ProbabilityFilter filter;
    private final LogitWeights arithmetic;
    private double total;
    private int argmax;
    // For the recorded log-probabilities, which later cuts must not change:
    private float[] logits = new float[0];
    private int offset;
    private double inverseTemperature;
    private double max;
    /** Whether the weights are those of the row. */
    private boolean spread;

    private double logNormaliser;

    public TokenDistribution(int vocabularySize) {
        this(vocabularySize, LogitWeights.PLAIN);
    }

    /** @param arithmetic that turns logits into weights */
    public TokenDistribution(int vocabularySize, LogitWeights arithmetic) {
        this.arithmetic = arithmetic;
        this.weights = new double[vocabularySize];
        this.blockSums = new double[(vocabularySize + BLOCK - 1) / BLOCK];
        this.filter = new ProbabilityFilter(vocabularySize, arithmetic);
    }

    public int vocabularySize() {
        return weights.length;
    }

    /**
     * Loads softmax(logits / temperature), cut by top-k and top-p. At temperature 0 the distribution is that of
     * temperature 1 and only {@link #argmax()} is meant to be used.
     *
     * @param logits read until the next load; not copied
     * @param offset index of the row's first logit
     * @throws IllegalArgumentException if a logit is NaN or +∞, or all are -∞
     */
    public void load(float[] logits, int offset, SamplingOptions options) {
        this.logits = logits;
        this.offset = offset;
        argmax = arithmetic.largest(logits, offset, weights.length);
        max = logits[offset + argmax];
        inverseTemperature = options.isGreedy() ? 1 : 1 / options.temperature();
        weigh(options);
        if (!(total > 0.999 && total < weights.length + 0.001)) {
            throw new IllegalArgumentException("the logits hold NaN or infinity: the model's output cannot be sampled");
        }
        logNormaliser = max * inverseTemperature + Math.log(total);
        if (spread) {
            cut(filter.threshold(weights, total, options));
            if (options.recorded() == Recorded.FILTERED) {
                logNormaliser = max * inverseTemperature + Math.log(total);
            }
        }
    }

    /** Loads probabilities as they are; the recorded log-probabilities are undefined. */
    void loadProbabilities(double[] probabilities) {
        System.arraycopy(probabilities, 0, weights, 0, weights.length);
        spread = true;
        sum();
    }

    /** The most likely token of the row, the smallest id among equals. */
    public int argmax() {
        return argmax;
    }

    public double probability(int token) {
        double weight =
                spread ? weights[token] : ExponentialWeights.of(logits[offset + token], max, inverseTemperature);
        return weight / total;
    }

    /** The log-probability to record for a token, see {@link SamplingOptions#recorded()}; not changed by cuts. */
    public float logProbability(int token) {
        return (float) (logits[offset + token] * inverseTemperature - logNormaliser);
    }

    /** The token at which the cumulative distribution passes u in [0, 1). Never one of zero probability. */
    public int sample(double u) {
        double remaining = u * total;
        int last = -1;
        for (int number = 0; number < blockSums.length; number++) {
            if (blockSums[number] > 0) {
                last = number;
                if (remaining < blockSums[number]) {
                    return sampleIn(number, remaining);
                }
                remaining -= blockSums[number];
            }
        }
        if (last < 0) {
            throw new IllegalStateException("nothing to sample from: every token was removed");
        }
        return sampleIn(last, blockSums[last]); // rounding left a remainder
    }

    private int sampleIn(int number, double mass) {
        int first = number * BLOCK;
        int count = end(number) - first;
        if (spread) {
            System.arraycopy(weights, first, block, 0, count);
        } else {
            weigh(first, count, block, 0);
        }
        double remaining = mass;
        int last = -1;
        for (int i = 0; i < count; i++) {
            if (block[i] > 0) {
                last = first + i;
                remaining -= block[i];
                if (remaining < 0) {
                    return last;
                }
            }
        }
        return last; // rounding left a remainder
    }

    /** Writes the probabilities to out[from ...]. */
    public void copyProbabilities(float[] out, int from) {
        spread();
        for (int token = 0; token < weights.length; token++) {
            out[from + token] = (float) (weights[token] / total);
        }
    }

    /** Sets p(token) to 0 and renormalises: what is left after a rejected sibling, or for a draw without replacement. */
    public void remove(int token) {
        spread();
        weights[token] = 0;
        int changed = token / BLOCK;
        blockSums[changed] = ExponentialWeights.sum(weights, changed * BLOCK, end(changed));
        addBlocks();
    }

    /** True once no probability is left. */
    public boolean isEmpty() {
        return !(total > 0);
    }

    /**
     * Replaces p by the residual norm(max(0, p - q)).
     *
     * @param q row over the draft vocabulary, starting at index from
     */
    void subtract(float[] q, int from, DraftVocabulary vocabulary) {
        spread();
        for (int id = 0; id < vocabulary.size(); id++) {
            int token = vocabulary.toTarget(id);
            weights[token] = Math.max(0, weights[token] - q[from + id] * total);
        }
        sum();
    }

    private void cut(double threshold) {
        filter.cutTies(weights, threshold);
        for (int number = 0; number < blockSums.length; number++) {
            int first = number * BLOCK;
            blockSums[number] = arithmetic.cut(weights, first, end(number) - first, threshold);
        }
        addBlocks();
    }

    /** Sums the weights; those that will be cut are kept, too. */
    private void weigh(SamplingOptions options) {
        spread = options.isFiltered() && !options.isGreedy();
        for (int number = 0; number < blockSums.length; number++) {
            int first = number * BLOCK;
            int count = end(number) - first;
            blockSums[number] = weigh(first, count, spread ? weights : block, spread ? first : 0);
        }
        addBlocks();
    }

    private double weigh(int first, int count, double[] out, int from) {
        return arithmetic.weigh(logits, offset + first, count, max, inverseTemperature, out, from);
    }

    private void spread() {
        for (int number = 0; number < blockSums.length && !spread; number++) {
            weigh(number * BLOCK, end(number) - number * BLOCK, weights, number * BLOCK);
        }
        spread = true;
    }

    private void sum() {
        for (int number = 0; number < blockSums.length; number++) {
            blockSums[number] = ExponentialWeights.sum(weights, number * BLOCK, end(number));
        }
        addBlocks();
    }

    private void addBlocks() {
        total = ExponentialWeights.sum(blockSums, 0, blockSums.length);
    }

    private int end(int number) {
        return Math.min(weights.length, (number + 1) * BLOCK);
    }
}
