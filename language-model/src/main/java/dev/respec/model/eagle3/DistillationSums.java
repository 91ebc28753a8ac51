package dev.respec.model.eagle3;

/**
 * Sums over rows, one entry a pass of the training-time test; batches add up.
 */
public final class DistillationSums {
    private static final int LOSS = 0;
    private static final int MASKED = 2;
    private static final int HITS = 3;
    private static final int OVERLAP = 5;

    private final double[][] sums;

    private DistillationSums(double[][] sums) {
        this.sums = sums;
    }

    /** @param flat [6, passes] as the kernel returns them */
    static DistillationSums of(float[] flat, int passes) {
        double[][] sums = new double[6][passes];
        for (int i = 0; i < flat.length; i++) {
            sums[i / passes][i % passes] = flat[i];
        }
        return new DistillationSums(sums);
    }

    public static DistillationSums none(int passes) {
        return new DistillationSums(new double[6][passes]);
    }

    public DistillationSums plus(DistillationSums other) {
        double[][] total = new double[6][passes()];
        for (int i = 0; i < total.length; i++) {
            for (int pass = 0; pass < passes(); pass++) {
                total[i][pass] = sums[i][pass] + other.sums[i][pass];
            }
        }
        return new DistillationSums(total);
    }

    public int passes() {
        return sums[0].length;
    }

    /** Weighted cross-entropy, summed over rows. */
    public double lossSum(int pass) {
        return sums[LOSS][pass];
    }

    /** Σ decay^j · lossSum(j) / rows of the first pass; 0 without rows. */
    public double loss(double decay) {
        double loss = 0;
        for (int pass = 0; pass < passes(); pass++) {
            loss += Math.pow(decay, pass) * lossSum(pass);
        }
        return rows() == 0 ? 0 : loss / rows();
    }

    /** Rows asked in the first pass. */
    public long rows() {
        return (long) sums[MASKED][0];
    }

    /** Share of rows whose most probable draft is the teacher's most probable token. */
    public double accuracy(int pass) {
        return ratio(HITS, MASKED, pass);
    }

    /**
     * Probability that a draft of this pass is accepted at temperature 1, given that those before it were: mean
     * Σ min(p, q) over all rows (Leviathan et al. 2023, arXiv 2211.17192).
     */
    public double acceptance(int pass) {
        return ratio(OVERLAP, MASKED, pass);
    }

    /** Tokens a verify step emits on average with a draft of as many tokens as there are passes: 1 + Σ_k Π_{j≤k}. */
    public double acceptanceLength() {
        double length = 1;
        double allAccepted = 1;
        for (int pass = 0; pass < passes(); pass++) {
            allAccepted *= acceptance(pass);
            length += allAccepted;
        }
        return length;
    }

    private double ratio(int numerator, int denominator, int pass) {
        return sums[denominator][pass] == 0 ? 0 : sums[numerator][pass] / sums[denominator][pass];
    }
}
