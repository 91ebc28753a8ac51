package dev.respec.ops.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Where points are so far apart that nothing was measured between them: a line over it would invent something. */
final class Gaps {
    private static final double MEDIANS = 6;
    private static final double SHARE_OF_RANGE = 0.03;

    private Gaps() {}

    /**
     * The largest distance of two neighbours that a line may join: six times the usual one, but no less than three
     * percent of the whole.
     *
     * @param positions ascending
     */
    static double longestStep(double[] positions) {
        if (positions.length < 2) {
            return 0;
        }
        double[] steps = IntStream.range(1, positions.length)
                .mapToDouble(i -> positions[i] - positions[i - 1])
                .sorted()
                .toArray();
        double range = positions[positions.length - 1] - positions[0];
        return Math.max(MEDIANS * steps[steps.length / 2], SHARE_OF_RANGE * range);
    }

    /** Start and end of every gap. */
    static double[][] in(double[] positions) {
        double[] ascending = positions.clone();
        Arrays.sort(ascending);
        double longest = longestStep(ascending);
        return IntStream.range(1, ascending.length)
                .filter(i -> ascending[i] - ascending[i - 1] > longest)
                .mapToObj(i -> new double[] {ascending[i - 1], ascending[i]})
                .toArray(double[][]::new);
    }
}
