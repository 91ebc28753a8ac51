package dev.respec.model.sampling;

/**
 * Top-k and top-p on unnormalised weights, in expected linear time: the threshold is found by selection, not by sorting.
 * Top-k keeps ties; top-p keeps, among equals at the threshold, the smallest ids.
 */
final class ProbabilityFilter {
    private final double[] scratch;

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
        int candidates = copyPositive(weights);
        if (count >= candidates) {
            return ExponentialWeights.sum(weights);
        }
        double threshold = select(candidates, count - 1, Double.NaN);
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
        double threshold = select(copyPositive(weights), -1, mass);
        double left = 0;
        for (double weight : weights) {
            if (weight > threshold) {
                left += weight;
            }
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

    private int copyPositive(double[] weights) {
        int count = 0;
        for (double weight : weights) {
            if (weight > 0) {
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
