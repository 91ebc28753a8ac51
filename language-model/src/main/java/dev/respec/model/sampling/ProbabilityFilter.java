package dev.respec.model.sampling;

import java.util.Arrays;

/**
 * Top-k and top-p on unnormalised weights, in expected linear time and without sorting the vocabulary. Top-k keeps ties;
 * top-p keeps, among equals at the threshold, the smallest ids.
 *
 * <ul>
 *   <li>Top-k: the k-th largest of the maxima of short runs is a lower bound of the k-th largest weight, and few weights
 *       reach it. The threshold is selected among those.
 *   <li>Top-p: weights are summed by magnitude, and the threshold is selected among those of the magnitude that it falls
 *       in. What lies below (total - mass) / n is cut in any case, because all of it together weighs less than what is cut.
 * </ul>
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

    /** Weights of which the largest is taken for a lower bound. */
    private static final int RUN = 32;

    /** Below one by more than sums of a vocabulary are rounded. */
    private static final double ROUNDED = 1 - 1e-9;

    private final double[] scratch;
    private final double[] masses = new double[TABLES * MAGNITUDES];

    ProbabilityFilter(int vocabularySize) {
        this.scratch = new double[vocabularySize];
    }

    /** Zeroes what is cut away and returns the sum of what is left. */
    double apply(double[] weights, double total, SamplingOptions options) {
        boolean top = options.topK() > 0 && options.topK() < weights.length;
        if (!top) {
            return options.topP() < 1 ? keepMass(weights, total, options.topP() * total) : total;
        }
        int kept = keepTop(weights, options.topK());
        double left = sum(0, kept - 1);
        return options.topP() < 1 ? keepMassOf(kept, 0, options.topP() * left, weights) : left;
    }

    /** Leaves what is kept in the scratch and returns how many that are. */
    private int keepTop(double[] weights, int count) {
        double bound = Math.max(Double.MIN_VALUE, lowerBound(weights, count));
        int candidates = collect(weights, bound, Double.POSITIVE_INFINITY);
        // fewer are positive than may be kept: all are
        double threshold = candidates <= count ? bound : select(candidates, count - 1, Double.NaN);
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            if (scratch[i] >= threshold) {
                scratch[kept++] = scratch[i];
            }
        }
        cut(weights, threshold);
        return kept;
    }

    /** The count-th largest of the maxima of runs, 0 where there are fewer runs. */
    private double lowerBound(double[] weights, int count) {
        int runs = (weights.length + RUN - 1) / RUN;
        if (runs < count) {
            return 0;
        }
        for (int run = 0; run < runs; run++) {
            int end = Math.min(weights.length, (run + 1) * RUN);
            long most = 0; // bits of numbers that are not negative are in their order
            for (int i = run * RUN; i < end; i++) {
                most = Math.max(most, Double.doubleToRawLongBits(weights[i]));
            }
            scratch[run] = Double.longBitsToDouble(most);
        }
        return select(runs, count - 1, Double.NaN);
    }

    private double keepMass(double[] weights, double total, double mass) {
        sumMagnitudes(weights, ROUNDED * (total - mass) / weights.length);
        int magnitude = MAGNITUDES - 1;
        double above = 0;
        while (magnitude > 0 && above + masses[magnitude] < mass) {
            above += masses[magnitude--];
        }
        double low = magnitude == 0 ? Double.MIN_VALUE : lowest(magnitude);
        double high = magnitude == MAGNITUDES - 1 ? Double.POSITIVE_INFINITY : lowest(magnitude + 1);
        return keepMassOf(collect(weights, low, high), above, mass, weights);
    }

    /**
     * Cuts by mass where the threshold is among the candidates in the scratch.
     *
     * @param above sum of the weights above all candidates
     */
    private double keepMassOf(int candidates, double above, double mass, double[] weights) {
        if (candidates == 0) {
            // rounding left a remainder
            return above;
        }
        double threshold = select(candidates, -1, mass - above);
        double left = above;
        int equal = 0;
        for (int i = 0; i < candidates; i++) {
            left += scratch[i] > threshold ? scratch[i] : 0;
            equal += scratch[i] == threshold ? 1 : 0;
        }
        int kept = 0;
        for (; kept < equal && left < mass; kept++) {
            left += threshold;
        }
        cut(weights, threshold);
        if (kept < equal) {
            cutEqual(weights, threshold, kept);
        }
        return left;
    }

    /** Zeroes what is below a positive threshold; without branches, which a flat distribution would make unpredictable. */
    private static void cut(double[] weights, double threshold) {
        long limit = Double.doubleToRawLongBits(threshold);
        for (int i = 0; i < weights.length; i++) {
            long bits = Double.doubleToRawLongBits(weights[i]);
            weights[i] = Double.longBitsToDouble(bits & ~(bits - limit >> 63));
        }
    }

    private static void cutEqual(double[] weights, double threshold, int kept) {
        int seen = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] == threshold && seen++ >= kept) {
                weights[i] = 0;
            }
        }
    }

    private static int magnitude(double weight) {
        long key = (Double.doubleToRawLongBits(weight) >>> SHIFT) - LOWEST;
        return (int) Math.max(0, Math.min(MAGNITUDES - 1, key));
    }

    /** The smallest weight of a magnitude but the first. */
    private static double lowest(int magnitude) {
        return Double.longBitsToDouble(magnitude + LOWEST << SHIFT);
    }

    /** Leaves the sum of the weights of each magnitude in the first table, of those that reach a bound. */
    private void sumMagnitudes(double[] weights, double bound) {
        Arrays.fill(masses, 0);
        for (int i = 0; i < weights.length; i++) {
            double weight = weights[i];
            if (weight >= bound) {
                masses[(i & TABLES - 1) * MAGNITUDES + magnitude(weight)] += weight;
            }
        }
        for (int i = MAGNITUDES; i < masses.length; i++) {
            masses[i % MAGNITUDES] += masses[i];
        }
    }

    /** Copies the weights from low to below high to the scratch. */
    private int collect(double[] weights, double low, double high) {
        int count = 0;
        for (double weight : weights) {
            if (weight >= low && weight < high) {
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
