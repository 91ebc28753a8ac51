package dev.respec.model.sampling;

/**
 * Top-k and top-p on unnormalised weights, in expected linear time and without sorting the vocabulary. Top-k keeps ties;
 * top-p keeps, among equals at the threshold, the smallest ids. Finds the threshold; cutting is the caller's.
 *
 * <ul>
 *   <li>Top-k: the k-th largest of the maxima of short runs is a lower bound of the k-th largest weight, and few weights
 *       reach it. The threshold is selected among those.
 *   <li>Top-p: what lies below (total - mass) / n is cut in any case, because all of it together weighs less than what is
 *       cut. Where few weights are left, the threshold is selected among them. Otherwise a sample tells within which bounds
 *       the threshold should lie, and it is selected among the weights between them. The mass above the bounds and between
 *       them is exact, so it shows whether the threshold really lies there.
 * </ul>
 */
final class ProbabilityFilter {
    /** Weights of which the largest is taken for a lower bound. */
    private static final int RUN = 64;

    /** One of so many weights is sampled; an odd number, so that no period of the vocabulary is met. */
    private static final int STRIDE = 61;
    /** Vocabularies below this have too small a sample to gain from it. */
    private static final int SAMPLED_FROM = 16_384;
    /** Weights that are left are few below this share of a sample. */
    private static final double FEW = 1 / 16.0;
    /** Standard errors of a sample's mass between its estimate and either bound. */
    private static final double ERRORS = 4;
    /** Below one by more than sums of a vocabulary are rounded. */
    private static final double ROUNDED = 1 - 1e-9;

    private final LogitWeights arithmetic;
    private final double[] scratch;
    private final double[] sample;

    /** Ids that have the threshold itself and are kept, the smallest ones. */
    private int keptTies;

    ProbabilityFilter(int vocabularySize) {
        this(vocabularySize, LogitWeights.PLAIN);
    }

    /** @param arithmetic that passes over the weights */
    ProbabilityFilter(int vocabularySize, LogitWeights arithmetic) {
        this.arithmetic = arithmetic;
        this.scratch = new double[vocabularySize];
        this.sample = new double[vocabularySize / STRIDE + 1];
    }

    /**
     * The smallest weight that is kept; every weight below it is cut. 0 if nothing is.
     *
     * @param total sum of the weights
     */
    double threshold(double[] weights, double total, SamplingOptions options) {
        keptTies = Integer.MAX_VALUE;
        boolean top = options.topK() > 0 && options.topK() < weights.length;
        if (!top) {
            return options.topP() < 1 ? ofMass(weights, total, options.topP() * total) : 0;
        }
        double threshold = ofRank(weights, options.topK());
        if (options.topP() == 1) {
            return threshold;
        }
        int kept = arithmetic.collect(weights, threshold, Double.POSITIVE_INFINITY, scratch);
        return amongCandidates(kept, 0, options.topP() * sum(0, kept - 1));
    }

    /** Zeroes the weights at the threshold that are one too many. Their ids are told apart here only. */
    void cutTies(double[] weights, double threshold) {
        int seen = 0;
        for (int i = 0; i < weights.length && keptTies < Integer.MAX_VALUE; i++) {
            if (weights[i] == threshold && seen++ >= keptTies) {
                weights[i] = 0;
            }
        }
    }

    private double ofRank(double[] weights, int count) {
        double bound = Double.MIN_VALUE;
        if (count <= weights.length / RUN) {
            int runs = arithmetic.maxima(weights, RUN, scratch);
            bound = Math.max(bound, select(scratch, runs, count - 1, Double.NaN));
        }
        int candidates = arithmetic.collect(weights, bound, Double.POSITIVE_INFINITY, scratch);
        // fewer are positive than may be kept: all are
        return candidates <= count ? bound : select(scratch, candidates, count - 1, Double.NaN);
    }

    private double ofMass(double[] weights, double total, double mass) {
        double bound = ROUNDED * (total - mass) / weights.length;
        double found = weights.length < SAMPLED_FROM ? 0 : ofSample(weights, bound, mass / total, mass);
        return found > 0
                ? found
                : amongCandidates(arithmetic.collect(weights, bound, Double.POSITIVE_INFINITY, scratch), 0, mass);
    }

    /** 0 if few weights reach the bound, or if the threshold is not where the sample has it. */
    private double ofSample(double[] weights, double bound, double share, double mass) {
        int count = 0;
        int reaching = 0;
        double sum = 0;
        double squares = 0;
        for (int i = STRIDE / 2; i < weights.length; i += STRIDE) {
            double weight = weights[i];
            sample[count++] = weight;
            reaching += weight >= bound ? 1 : 0;
            sum += weight;
            squares += weight * weight;
        }
        if (reaching < FEW * count) {
            return 0;
        }
        double error = ERRORS * Math.sqrt(squares * share * (1 - share)) / sum;
        double high = share - error <= 0 ? Double.POSITIVE_INFINITY : select(sample, count, -1, (share - error) * sum);
        double low = share + error >= 1 ? bound : Math.max(bound, select(sample, count, -1, (share + error) * sum));
        double above = arithmetic.sumFrom(weights, high);
        if (!(above < mass)) {
            return 0;
        }
        int candidates = arithmetic.collect(weights, low, high, scratch);
        return above + sum(0, candidates - 1) < mass ? 0 : amongCandidates(candidates, above, mass);
    }

    /**
     * The threshold among the candidates in the scratch.
     *
     * @param above sum of the weights above all candidates
     */
    private double amongCandidates(int candidates, double above, double mass) {
        if (candidates == 0) {
            // rounding left a remainder
            return 0;
        }
        double threshold = select(scratch, candidates, -1, mass - above);
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
        keptTies = kept < equal ? kept : Integer.MAX_VALUE;
        return threshold;
    }

    /**
     * Quickselect over values[0 … count-1] in descending order: the value at the given rank or, if mass is a number, the value at
     * which the cumulative sum reaches it.
     */
    private static double select(double[] values, int count, int rank, double mass) {
        int low = 0;
        int high = count - 1;
        double above = 0; // sum of everything before low
        while (low < high) {
            double pivot = values[(low + high) >>> 1];
            int left = low;
            int right = high;
            while (left <= right) {
                while (values[left] > pivot) {
                    left++;
                }
                while (values[right] < pivot) {
                    right--;
                }
                if (left <= right) {
                    double swapped = values[left];
                    values[left++] = values[right];
                    values[right--] = swapped;
                }
            }
            // values[low..right] >= pivot, values[right+1..left-1] == pivot, values[left..high] <= pivot
            double first = sum(values, low, right);
            double second = first + sum(values, right + 1, left - 1);
            if (Double.isNaN(mass) ? rank <= right : above + first >= mass) {
                high = right;
            } else if (Double.isNaN(mass) ? rank < left : above + second >= mass) {
                return pivot;
            } else {
                above += second;
                low = left;
            }
        }
        return values[Math.min(low, count - 1)];
    }

    private double sum(int from, int to) {
        return sum(scratch, from, to);
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i <= to; i++) {
            sum += values[i];
        }
        return sum;
    }
}
