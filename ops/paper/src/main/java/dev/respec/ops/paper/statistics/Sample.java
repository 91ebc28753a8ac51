package dev.respec.ops.paper.statistics;

import java.util.Arrays;
import java.util.List;

/** Measurements of one quantity, one per seed. */
public final class Sample {
    private final double[] values;

    private Sample(double[] values) {
        this.values = values;
    }

    /** Of the numbers among the values; those that are missing are left out. */
    public static Sample of(List<Double> values) {
        return new Sample(values.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .toArray());
    }

    public static Sample of(double... values) {
        return of(Arrays.stream(values).boxed().toList());
    }

    public int size() {
        return values.length;
    }

    /** NaN if there is none. */
    public double mean() {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Of n − 1 degrees of freedom; NaN for fewer than two. */
    public double variance() {
        double mean = mean();
        return values.length < 2
                ? Double.NaN
                : Arrays.stream(values)
                                .map(value -> (value - mean) * (value - mean))
                                .sum()
                        / (values.length - 1);
    }

    public double deviation() {
        return Math.sqrt(variance());
    }

    /** Interval of the mean. */
    public Interval interval(double confidence) {
        return Interval.around(mean(), Math.sqrt(variance() / values.length), values.length - 1.0, confidence);
    }

    /** Interval of this mean less the other one, with unequal variances (Welch 1947). */
    public Interval minus(Sample other, double confidence) {
        double mine = variance() / values.length;
        double theirs = other.variance() / other.values.length;
        double degrees = (mine + theirs)
                * (mine + theirs)
                / (mine * mine / (values.length - 1) + theirs * theirs / (other.values.length - 1));
        return Interval.around(mean() - other.mean(), Math.sqrt(mine + theirs), degrees, confidence);
    }
}
