package dev.respec.model.sampling;

import dev.respec.model.sampling.SamplingOptions.Recorded;

/**
 * A categorical distribution over the vocabulary in reusable buffers: a row of logits at a temperature, cut by top-k and
 * top-p. Kept as unnormalised weights w with their sum W, p = w / W. One thread at a time; nothing is allocated after
 * construction.
 *
 * <p>Sums are kept by block: a row of a large vocabulary is weighed a block at a time, which the processor's first cache
 * holds, and drawing from it walks through one block only.
 */
public final class TokenDistribution {
    private static final int BLOCK = 1024;

    private final double[] weights;
    private final double[] blockSums;
    private final ProbabilityFilter filter;
    private double total;
    private int argmax;
    // For the recorded log-probabilities, which later cuts must not change:
    private float[] logits = new float[0];
    private int offset;
    private double inverseTemperature;
    private double logNormaliser;

    public TokenDistribution(int vocabularySize) {
        this.weights = new double[vocabularySize];
        this.blockSums = new double[(vocabularySize + BLOCK - 1) / BLOCK];
        this.filter = new ProbabilityFilter(vocabularySize);
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
        argmax = largest();
        double max = logits[offset + argmax];
        inverseTemperature = options.isGreedy() ? 1 : 1 / options.temperature();
        weigh(max);
        if (!(total > 0.999 && total < weights.length + 0.001)) {
            throw new IllegalArgumentException("the logits hold NaN or infinity: the model's output cannot be sampled");
        }
        logNormaliser = max * inverseTemperature + Math.log(total);
        if (options.isFiltered() && !options.isGreedy()) {
            filter.apply(weights, total, options);
            sum();
            if (options.recorded() == Recorded.FILTERED) {
                logNormaliser = max * inverseTemperature + Math.log(total);
            }
        }
    }

    /** Loads probabilities as they are; the recorded log-probabilities are undefined. */
    void loadProbabilities(double[] probabilities) {
        System.arraycopy(probabilities, 0, weights, 0, weights.length);
        sum();
    }

    /** The most likely token of the row, the smallest id among equals. */
    public int argmax() {
        return argmax;
    }

    public double probability(int token) {
        return weights[token] / total;
    }

    /** The log-probability to record for a token, see {@link SamplingOptions#recorded()}; not changed by cuts. */
    public float logProbability(int token) {
        return (float) (logits[offset + token] * inverseTemperature - logNormaliser);
    }

    /** The token at which the cumulative distribution passes u in [0, 1). Never one of zero probability. */
    public int sample(double u) {
        double remaining = u * total;
        int last = -1;
        for (int block = 0; block < blockSums.length; block++) {
            if (blockSums[block] > 0) {
                last = block;
                if (remaining < blockSums[block]) {
                    return sampleIn(block, remaining);
                }
                remaining -= blockSums[block];
            }
        }
        if (last < 0) {
            throw new IllegalStateException("nothing to sample from: every token was removed");
        }
        return sampleIn(last, blockSums[last]); // rounding left a remainder
    }

    private int sampleIn(int block, double mass) {
        double remaining = mass;
        int last = -1;
        for (int token = block * BLOCK; token < end(block); token++) {
            double weight = weights[token];
            if (weight > 0) {
                last = token;
                remaining -= weight;
                if (remaining < 0) {
                    return token;
                }
            }
        }
        return last; // rounding left a remainder
    }

    /** Writes the probabilities to out[from ...]. */
    public void copyProbabilities(float[] out, int from) {
        for (int token = 0; token < weights.length; token++) {
            out[from + token] = (float) (weights[token] / total);
        }
    }

    /** Sets p(token) to 0 and renormalises: what is left after a rejected sibling, or for a draw without replacement. */
    public void remove(int token) {
        weights[token] = 0;
        int block = token / BLOCK;
        blockSums[block] = ExponentialWeights.sum(weights, block * BLOCK, end(block));
        addBlocks();
    }

    /** True once no probability is left. */
    public boolean isEmpty() {
        return !(total > 0);
    }

    /**
     * Replaces p by the residual norm(max(0, p - q / mass)).
     *
     * @param q row over the draft vocabulary, starting at index from
     * @param mass the sum of q that is left, 1 for an untouched row
     */
    void subtract(float[] q, int from, double mass, DraftVocabulary vocabulary) {
        double scale = total / mass;
        for (int id = 0; id < vocabulary.size(); id++) {
            int token = vocabulary.toTarget(id);
            weights[token] = Math.max(0, weights[token] - q[from + id] * scale);
        }
        sum();
    }

    private int largest() {
        int best = 0;
        float max = logits[offset];
        for (int token = 1; token < weights.length; token++) {
            float logit = logits[offset + token];
            if (logit > max) {
                max = logit;
                best = token;
            }
        }
        return best;
    }

    private void weigh(double max) {
        for (int block = 0; block < blockSums.length; block++) {
            int from = block * BLOCK;
            int to = end(block);
            for (int token = from; token < to; token++) {
                weights[token] = logits[offset + token];
            }
            ExponentialWeights.apply(weights, from, to, max, inverseTemperature);
            blockSums[block] = ExponentialWeights.sum(weights, from, to);
        }
        addBlocks();
    }

    private void sum() {
        for (int block = 0; block < blockSums.length; block++) {
            blockSums[block] = ExponentialWeights.sum(weights, block * BLOCK, end(block));
        }
        addBlocks();
    }

    private void addBlocks() {
        total = ExponentialWeights.sum(blockSums, 0, blockSums.length);
    }

    private int end(int block) {
        return Math.min(weights.length, (block + 1) * BLOCK);
    }
}
