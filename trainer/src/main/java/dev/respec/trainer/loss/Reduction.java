package dev.respec.trainer.loss;

/** How the losses of all tokens of an optimiser step become one number. */
public enum Reduction {
    /** Mean over rows of the mean over a row's tokens; an empty row counts as a row with loss 0. */
    GRPO,
    /** Mean over all tokens of the step. */
    DAPO,
    /** Sum over all tokens divided by rows × longest allowed response. */
    DR_GRPO;

    /**
     * Factor of each row's tokens. Computed once over all rows of an optimiser step, so that splitting the step into
     * micro-batches changes nothing.
     *
     * @param tokenCounts counted tokens of each row
     * @param longestResponse most response tokens a row may have; used by {@link #DR_GRPO} only
     * @return one factor a row
     */
    public double[] rowWeights(int[] tokenCounts, int longestResponse) {
        var total = 0L;
        for (var count : tokenCounts) {
            total += count;
        }
        var rows = tokenCounts.length;
        var weights = new double[rows];
        for (int row = 0; row < rows; row++) {
            weights[row] = switch (this) {
                case GRPO -> 1.0 / (rows * (double) Math.max(tokenCounts[row], 1));
                case DAPO -> 1.0 / Math.max(total, 1);
                case DR_GRPO -> 1.0 / (rows * (double) longestResponse);
            };
        }
        return weights;
    }
}
