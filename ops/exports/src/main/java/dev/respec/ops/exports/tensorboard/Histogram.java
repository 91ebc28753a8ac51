package dev.respec.ops.exports.tensorboard;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Counts of values in buckets of equal width, as many as TensorBoard's own summaries have.
 *
 * @param limits right edge of each bucket; the first one begins at the least value
 */
record Histogram(
        double min,
        double max,
        double count,
        double sum,
        double sumOfSquares,
        List<Double> limits,
        List<Double> counts) {
    private static final int BUCKETS = 30;

    Histogram {
        limits = List.copyOf(limits);
        counts = List.copyOf(counts);
    }

    /** @param values at least one */
    static Histogram of(List<Double> values) {
        double min = Collections.min(values);
        double max = Collections.max(values);
        int buckets = min == max ? 1 : BUCKETS;
        double width = (max - min) / buckets;
        double[] counted = new double[buckets];
        double sum = 0;
        double squares = 0;
        for (double value : values) {
            counted[width == 0 ? 0 : Math.min((int) ((value - min) / width), buckets - 1)]++;
            sum += value;
            squares += value * value;
        }
        List<Double> limits = new ArrayList<>();
        List<Double> counts = new ArrayList<>();
        for (int i = 0; i < buckets; i++) {
            limits.add(i == buckets - 1 ? max : min + (i + 1) * width);
            counts.add(counted[i]);
        }
        return new Histogram(min, max, values.size(), sum, squares, limits, counts);
    }
}
