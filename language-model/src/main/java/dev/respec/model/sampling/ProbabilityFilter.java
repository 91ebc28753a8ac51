package dev.respec.model.sampling;

import java.util.Arrays;

/**
 * Top-k and top-p on unnormalised weights, in expected linear time: weights are counted by magnitude, and the threshold is
 * selected among those of the magnitude that it falls in. Top-k keeps ties; top-p keeps, among equals at the threshold, the
 * smallest ids.
 */
final class ProbabilityFilter {
    /** Leading bits of the fraction that tell magnitudes apart: eight to each power of two. */
    private static final int FRACTION_BITS = 3;

    private static final int SHIFT = 52 - FRACTION_BITS;
    /** Magnitudes from 2^-80 to 2^20; what lies outside counts with the first and the last. */
    private static final int MAGNITUDES = 100 << FRACTION_BITS;

    private static final long LOWEST = (1023L - 80) << FRACTION_BITS;

    /** Tables that take turns, so that an addition need not wait for the one before it. */
    private static final int TABLES = 4;

    private final double[] scratch;
    private final double[] masses = new double[TABLES * MAGNITUDES];
    private final int[] counts = new int[TABLES * MAGNITUDES];

    ProbabilityFilter(int vocabularySize) {
        this.scratch = new double[vocabularySize];
    }

    /** Zeroes what is cut away and returns the sum of what is left. */
    double apply(double[] weights, double total, SamplingOptions options) {
        double left = total;
        if (options.topK() > 0 && options.topK() < weights.length) {
            left = keepTop(weights, options.topK());
        }
        return options.topP() < 1 ? keepMass(weights, options.topP() * left) : left;
    }

    private double keepTop(double[] weights, int count) {
        countMagnitudes(weights);
        int magnitude = MAGNITUDES - 1;
        int above = 0;
        while (magnitude >= 0 && above + counts[magnitude] < count) {
            above += counts[magnitude--];
        }
        // fewer are positive than may be kept: all are
        double threshold =
                magnitude < 0 ? Double.MIN_VALUE : select(collect(weights, magnitude), count - above - 1, Double.NaN);
        double left = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] < threshold) {
                weights[i] = 0;
            }
            left += weights[i];
        }
        return left;
    }

    private double keepMass(double[] weights, double mass) {
        countMagnitudes(weights);
        int magnitude = MAGNITUDES - 1;
        double above = 0;
        while (magnitude > 0 && above + masses[magnitude] < mass) {
            above += masses[magnitude--];
        }
        int candidates = collect(weights, magnitude);
        if (candidates == 0) {
            // rounding left a remainder
            return above;
        }
        double threshold = select(candidates, -1, mass - above);
        double left = above;
        for (int i = 0; i < candidates; i++) {
            left += scratch[i] > threshold ? scratch[i] : 0;
        }
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] == threshold && left < mass) {
                left += weights[i];
            } else if (weights[i] <= threshold) {
                weights[i] = 0;
            }
        }
        return left;
    }

    private static int magnitude(double weight) {
        long key = (Double.doubleToRawLongBits(weight) >>> SHIFT) - LOWEST;
        return (int) Math.max(0, Math.min(MAGNITUDES - 1, key));
    }

    /** Leaves count and sum of the positive weights of each magnitude in the first table. */
    private void countMagnitudes(double[] weights) {
        Arrays.fill(masses, 0);
        Arrays.fill(counts, 0);
        for (int i = 0; i < weights.length; i++) {
            int at = (i & TABLES - 1) * MAGNITUDES + magnitude(weights[i]);
            masses[at] += weights[i];
            counts[at] += weights[i] > 0 ? 1 : 0;
        }
        for (int i = MAGNITUDES; i < masses.length; i++) {
            masses[i % MAGNITUDES] += masses[i];
            counts[i % MAGNITUDES] += counts[i];
        }
    }

    /** Copies the positive weights of a magnitude to the scratch. */
    private int collect(double[] weights, int magnitude) {
        int count = 0;
        for (double weight : weights) {
            if (magnitude(weight) == magnitude && weight > 0) {
                scratch[count++] = weight;
            }
        }
        return count;
    }

    /**
     * Quickselect over scratch[0 … count-1] in descending order: the value at the given rank or, if mass is a number, the value at
     * which the cumulative sum reaches it.
     */
    private double select(int count, int rank, double mass) {
        int low = 0;
        int high = count - 1;
        double above = 0; // sum of everything before low
        while (low < high) {
            double pivot = scratch[(low + high) >>> 1];
            int left = low;
            int right = high;
            while (left <= right) {
                while (scratch[left] > pivot) {
                    left++;
                }
                while (scratch[right] < pivot) {
                    right--;
                }
                if (left <= right) {
                    double swapped = scratch[left];
                    scratch[left++] = scratch[right];
                    scratch[right--] = swapped;
                }
            }
            // scratch[low..right] >= pivot, scratch[right+1..left-1] == pivot, scratch[left..high] <= pivot
            double first = sum(low, right);
            double second = first + sum(right + 1, left - 1);
            if (Double.isNaN(mass) ? rank <= right : above + first >= mass) {
                high = right;
            } else if (Double.isNaN(mass) ? rank < left : above + second >= mass) {
                return pivot;
            } else {
                above += second;
                low = left;
            }
        }
        return scratch[Math.min(low, count - 1)];
    }

    private double sum(int from, int to) {
        double sum = 0;
        for (int i = from; i <= to; i++) {
            sum += scratch[i];
        }
        return sum;
    }
}
