package dev.respec.generation;

import java.util.List;

/**
 * How many times as fast one side is as the other, from turns that followed each other in pairs.
 *
 * @param ratio geometric mean over the pairs
 * @param error half the width of its 95 % interval, by Student's t; infinite for a single pair
 */
public record PairedGain(double ratio, double error) {
    /** Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom; beyond, the normal one is close enough. */
    private static final double[] STUDENT = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};

    private static final double NORMAL = 1.96;

    /** Both in the order of the pairs. */
    public static PairedGain of(List<Double> side, List<Double> other) {
        int pairs = side.size();
        if (pairs == 0 || pairs != other.size()) {
            throw new IllegalArgumentException(
                    "turns of both sides: %d and %d, expected as many".formatted(pairs, other.size()));
        }
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < pairs; i++) {
            double ratio = Math.log(side.get(i) / other.get(i));
            sum += ratio;
            squares += ratio * ratio;
        }
        double mean = sum / pairs;
        if (pairs == 1) {
            return new PairedGain(Math.exp(mean), Double.POSITIVE_INFINITY);
        }
        double variance = Math.max(0, squares - pairs * mean * mean) / (pairs - 1);
        double quantile = pairs - 2 < STUDENT.length ? STUDENT[pairs - 2] : NORMAL;
        return new PairedGain(Math.exp(mean), Math.exp(mean) * quantile * Math.sqrt(variance / pairs));
    }
}
