package dev.respec.model.eagle3;

/**
 * Sums over rows, one entry per pass of the training-time test; batches add up.
 */
public final class DistillationSums {
    private static final int LOSS = 0;
    private static final int MASKED = 2;
    private static final int HITS = 3;
    private static final int OVERLAP = 5;

    private final double[][] sums;
    private final VerifySteps byRow;
    private final VerifySteps byToken;

    private DistillationSums(double[][] sums, VerifySteps byRow, VerifySteps byToken) {
        this.sums = sums;
        this.byRow = byRow;
        this.byToken = byToken;
    }

    /** @param flat [6, passes] as the kernel returns them */
    static DistillationSums of(float[] flat, int passes) {
        double[][] sums = new double[6][passes];
        for (int i = 0; i < flat.length; i++) {
            sums[i / passes][i % passes] = flat[i];
        }
        return new DistillationSums(sums, VerifySteps.NONE, VerifySteps.NONE);
    }

    /**
     * @param expectedByRow from the acceptance of a draft at each row
     * @param expectedByToken from that of each token that stands there
     */
    DistillationSums with(VerifySteps expectedByRow, VerifySteps expectedByToken) {
        return new DistillationSums(sums, expectedByRow, expectedByToken);
    }

    public static DistillationSums none(int passes) {
        return new DistillationSums(new double[6][passes], VerifySteps.NONE, VerifySteps.NONE);
    }

    public DistillationSums plus(DistillationSums other) {
        double[][] total = new double[6][passes()];
        for (int i = 0; i < total.length; i++) {
            for (int pass = 0; pass < passes(); pass++) {
                total[i][pass] = sums[i][pass] + other.sums[i][pass];
            }
        }
        return new DistillationSums(total, byRow.plus(other.byRow), byToken.plus(other.byToken));
    }

    public int passes() {
        return sums[0].length;
    }

    /** Weighted cross-entropy, and total variation by its weight, summed over rows. */
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

    /**
     * Tokens a verify step emits on average at temperature 1 with drafts of as many tokens as there are passes; 1 without
     * rows, or where the sums are of training. Holds for sequences of an older policy as well.
     */
    public double acceptanceLength() {
        return byRow.acceptanceLength();
    }

    /**
     * The same, exact for sequences that the teacher itself sampled at temperature 1, and for no others: it knows of each
     * token with which probability, min(1, q / p), it came from an accepted draft.
     */
    public double onPolicyAcceptanceLength() {
        return byToken.acceptanceLength();
    }

    private double ratio(int numerator, int denominator, int pass) {
        return sums[denominator][pass] == 0 ? 0 : sums[numerator][pass] / sums[denominator][pass];
    }
}
