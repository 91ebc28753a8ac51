package dev.respec.model.eagle3;

/**
 * Expected verify steps of speculative sampling for sequences that the target emitted, and the tokens that they emit.
 *
 * <p>A step that starts at row t reaches row t + 1 + a with the probability that a drafts in a row were accepted and the
 * next was not, so the starts of steps are a renewal process whose expectation is a sum. The mean over all rows would be
 * too high: steps start more often where drafts are bad.
 */
record VerifySteps(double steps, double tokens) {
    static final VerifySteps NONE = new VerifySteps(0, 0);

    VerifySteps plus(VerifySteps other) {
        return new VerifySteps(steps + other.steps, tokens + other.tokens);
    }

    /** 1 without steps. */
    double acceptanceLength() {
        return steps == 0 ? 1 : tokens / steps;
    }

    /**
     * Steps of a batch; the first of a sequence starts at its first row.
     *
     * @param accepted [passes, B, width]: probability that the draft of pass j of a step that starts at row t is accepted,
     *     given that those before it were
     * @param mask [B, width], 1 at the rows at which a step may start: of each sequence they are adjacent
     */
    static VerifySteps expected(float[] accepted, float[] mask, int passes, int width) {
        VerifySteps sum = NONE;
        for (int first = 0; first < mask.length; first += width) {
            int from = 0;
            while (from < width && mask[first + from] == 0) {
                from++;
            }
            int to = from;
            while (to < width && mask[first + to] != 0) {
                to++;
            }
            sum = sum.plus(new VerifySteps(steps(accepted, passes, first + from, to - from), to - from));
        }
        return sum;
    }

    private static double steps(float[] accepted, int passes, int first, int rows) {
        double[] starts = new double[rows + passes + 1];
        starts[0] = 1;
        double steps = 0;
        for (int row = 0; row < rows; row++) {
            steps += starts[row];
            double reached = starts[row];
            for (int pass = 0; pass < passes; pass++) {
                double further = reached * accepted[pass * (accepted.length / passes) + first + row];
                starts[row + 1 + pass] += reached - further;
                reached = further;
            }
            starts[row + 1 + passes] += reached;
        }
        return steps;
    }
}
