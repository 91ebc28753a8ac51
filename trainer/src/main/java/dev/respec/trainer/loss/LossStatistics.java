package dev.respec.trainer.loss;

/**
 * Sums over the counted tokens of an optimiser step; the means are what people watch.
 *
 * <p>Not thread-safe.
 */
public final class LossStatistics {
    private long tokens;
    private double loss;
    private double referenceDivergence;
    private long clippedLow;
    private long clippedHigh;
    private double importance;
    private double importanceSquared;
    private double samplerDivergence;

    /** Adds what another has summed. */
    public void add(LossStatistics other) {
        tokens += other.tokens;
        loss += other.loss;
        referenceDivergence += other.referenceDivergence;
        clippedLow += other.clippedLow;
        clippedHigh += other.clippedHigh;
        importance += other.importance;
        importanceSquared += other.importanceSquared;
        samplerDivergence += other.samplerDivergence;
    }

    void addLoss(double rowLoss) {
        loss += rowLoss;
    }

    void addReferenceDivergence(double divergence) {
        referenceDivergence += divergence;
    }

    void addToken(double weight, boolean low, boolean high) {
        tokens++;
        importance += weight;
        importanceSquared += weight * weight;
        samplerDivergence += weight - 1 - Math.log(weight);
        clippedLow += low ? 1 : 0;
        clippedHigh += high ? 1 : 0;
    }

    /** Tokens that entered the loss. */
    public long tokens() {
        return tokens;
    }

    /** The loss: a sum, because the rows carry their weights. */
    public double loss() {
        return loss;
    }

    /** Mean k3 divergence from the reference policy, as it entered the loss. */
    public double referenceDivergence() {
        return mean(referenceDivergence);
    }

    /** Share of tokens whose ratio fell below the clip range at a negative advantage. */
    public double clipFractionLow() {
        return mean((double) clippedLow);
    }

    /** Share of tokens whose ratio rose above the clip range at a positive advantage. */
    public double clipFractionHigh() {
        return mean((double) clippedHigh);
    }

    /** Mean of w = π_proximal / π_behaviour, before any cap; near 1 when sampler and trainer agree. */
    public double meanImportance() {
        return tokens == 0 ? 1 : mean(importance);
    }

    /** Effective share of the sample, (Σw)² / (n·Σw²): 1 when all weights are equal. */
    public double effectiveSampleShare() {
        return tokens == 0 ? 1 : importance * importance / (tokens * importanceSquared);
    }

    /** Mean of w − 1 − log w: k3 estimate of KL(behaviour ‖ proximal), never negative. */
    public double samplerDivergence() {
        return mean(samplerDivergence);
    }

    private double mean(double sum) {
        return tokens == 0 ? 0 : sum / tokens;
    }
}
