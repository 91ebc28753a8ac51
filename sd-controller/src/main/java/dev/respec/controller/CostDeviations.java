package dev.respec.controller;

import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * How far each setting's step time, relative to plain decoding's, is from the cost table: natural logarithms with a
 * Gaussian belief about all of them together, corrected by pairs of adjacent turns (a Kalman filter).
 *
 * <p>Beliefs are tied: a table that was measured while something else ran is wrong about all drafting alike, settings of one
 * drafter deviate alike, and so do neighbouring batches. A pair at one batch therefore also says something about the others,
 * and the belief knows how sure it is of every difference. Machines drift, so that with time it becomes less sure, while its
 * mean stays: old evidence is weak evidence, but still better than the table.
 */
final class CostDeviations {
    /**
     * Standard deviations of the parts of a table's error, in natural logarithms. This one is common to all drafting: a table
     * from a busy start may have it wrong by a factor of two (docs/LOG.md).
     */
    private static final double OF_TABLE = 0.35;

    /** What settings of one drafter have in common. */
    private static final double OF_FAMILY = 0.2;

    /** What a setting has in common at all batches. */
    private static final double OF_SETTING = 0.12;

    /** What all settings have in common at a batch: the table's error about plain decoding. */
    private static final double OF_BATCH = 0.12;

    /** A setting at a batch. */
    private static final double OF_PLACE = 0.2;

    /** Of a setting whose cost is estimated, in addition: what it has in common at all batches, and at each of them. */
    private static final double UNMEASURED = 0.4;

    private static final double UNMEASURED_PLACE = 0.3;

    /** Buckets over which a tie loosens to 1/e. */
    private static final double REACH = 2;

    /** Standard deviation by which the relative cost of a setting drifts in a minute. */
    private static final double DRIFT_PER_MINUTE = 0.03;

    /** Standard deviations from what is believed beyond which an observation loses weight. */
    private static final double SURPRISE = 2;

    /** What no number of pairs removes: turns are short and their batches not quite equal. */
    private static final double FLOOR = 0.012;

    private static final double TABLE_VARIANCE = OF_TABLE * OF_TABLE
            + OF_FAMILY * OF_FAMILY
            + OF_SETTING * OF_SETTING
            + OF_BATCH * OF_BATCH
            + OF_PLACE * OF_PLACE;

    private final Map<Setting, Integer> places = new HashMap<>();
    private final int settings;
    private final double[] mean;
    private final double[][] prior;
    private final double[][] covariance;
    private long at = Long.MIN_VALUE;

    CostDeviations(CostTable costs) {
        List<Setting> drafting =
                costs.settings().stream().filter(setting -> !setting.isOff()).toList();
        drafting.forEach(setting -> places.put(setting, places.size()));
        settings = drafting.size();
        int size = settings * costs.buckets().size();
        mean = new double[size];
        prior = new double[size][size];
        covariance = new double[size][];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                prior[i][j] = prior(costs, drafting, i, j);
            }
            covariance[i] = prior[i].clone();
        }
    }

    private double prior(CostTable costs, List<Setting> drafting, int i, int j) {
        Setting one = drafting.get(i % settings);
        Setting other = drafting.get(j % settings);
        double tie = Math.exp(-Math.abs(i / settings - j / settings) / REACH);
        double together = one.family().equals(other.family()) ? OF_FAMILY * OF_FAMILY : 0;
        if (one.equals(other)) {
            double unmeasured = costs.isMeasured(one) ? 0 : UNMEASURED;
            together += OF_SETTING * OF_SETTING + unmeasured * unmeasured;
        }
        return OF_TABLE * OF_TABLE
                + together * tie
                + (i / settings == j / settings ? OF_BATCH * OF_BATCH : 0)
                + (i == j ? OF_PLACE * OF_PLACE : 0)
                + (i == j && !costs.isMeasured(one) ? UNMEASURED_PLACE * UNMEASURED_PLACE : 0);
    }

    /**
     * The same belief about times relative to another table. What no pair has shown follows the new table, what pairs have
     * shown stays, and in between it moves by the share that is left of the doubt.
     *
     * @param lower by bucket and setting: ln(time by the old table / time by the new one), relative to off
     */
    CostDeviations withCosts(CostTable costs, ToDoubleBiFunction<Integer, Setting> lower) {
        var renewed = new CostDeviations(costs);
        renewed.at = at;
        int buckets = mean.length / Math.max(1, settings);
        for (int bucket = 0; bucket < buckets; bucket++) {
            for (Map.Entry<Setting, Integer> place : places.entrySet()) {
                Integer to = renewed.places.get(place.getKey());
                if (to != null) {
                    int from = bucket * settings + place.getValue();
                    double sure = 1 - covariance[from][from] / prior[from][from];
                    renewed.mean[bucket * renewed.settings + to] =
                            mean[from] + sure * lower.applyAsDouble(bucket, place.getKey());
                }
            }
        }
        if (renewed.places.equals(places)) {
            for (int i = 0; i < covariance.length; i++) {
                System.arraycopy(covariance[i], 0, renewed.covariance[i], 0, covariance.length);
            }
        }
        return renewed;
    }

    /** Lets time pass. */
    void advance(long now) {
        if (at != Long.MIN_VALUE && now > at) {
            doubt(DRIFT_PER_MINUTE * Math.sqrt((now - at) / 60_000.0));
        }
        at = Math.max(at, now);
    }

    /** Every deviation may have changed by so much; no doubt grows beyond what it was before any pair. */
    void doubt(double deviation) {
        double share = 1 - Math.exp(-deviation * deviation / TABLE_VARIANCE);
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                covariance[i][j] += share * (prior[i][j] - covariance[i][j]);
            }
        }
    }

    /** A mean of ln(rival's step time / setting's), above the table's, and its variance. */
    record Observation(int bucket, Setting setting, Setting rival, double logRatio, double variance) {
        /**
         * Of pairs of turns.
         *
         * @param pairVariance of a single pair
         * @param mean over the pairs of ln(rival / setting), above the table's
         */
        static Observation of(
                int bucket, Setting setting, Setting rival, long pairs, double pairVariance, double mean) {
            return new Observation(bucket, setting, rival, mean, errorVariance(pairs, pairVariance));
        }
    }

    /** Of the mean of so many pairs. */
    static double errorVariance(double pairs, double pairVariance) {
        return pairVariance / pairs + FLOOR * FLOOR;
    }

    /**
     * Takes an observation into the belief. One that surprises counts less, as in Huber's estimator: its variance grows so
     * that its pull does not grow beyond that of {@link #SURPRISE} standard deviations.
     */
    void observe(Observation observed) {
        List<int[]> terms = difference(observed.bucket(), observed.rival(), observed.setting());
        double[] gain = new double[mean.length];
        double expected = 0;
        double believed = 0;
        for (int i = 0; i < mean.length; i++) {
            for (int[] term : terms) {
                gain[i] += term[1] * covariance[i][term[0]];
            }
        }
        for (int[] term : terms) {
            expected += term[1] * mean[term[0]];
            believed += term[1] * gain[term[0]];
        }
        double deviations = Math.abs(observed.logRatio() - expected) / Math.sqrt(believed + observed.variance());
        double variance = believed + observed.variance() * Math.max(1, deviations / SURPRISE);
        double surprise = (observed.logRatio() - expected) / variance;
        for (int i = 0; i < mean.length; i++) {
            mean[i] += gain[i] * surprise;
            for (int j = 0; j < mean.length; j++) {
                covariance[i][j] -= gain[i] * gain[j] / variance;
            }
        }
    }

    /** Places and signs whose sum is the difference; off, and what is unknown, has no place. */
    private List<int[]> difference(int bucket, Setting plus, Setting minus) {
        var terms = new ArrayList<int[]>();
        Integer added = places.get(plus);
        Integer subtracted = places.get(minus);
        if (added != null) {
            terms.add(new int[] {bucket * settings + added, 1});
        }
        if (subtracted != null) {
            terms.add(new int[] {bucket * settings + subtracted, -1});
        }
        return terms;
    }

    /** Step time over the table's, both relative to off's. */
    double factor(int bucket, Setting setting) {
        Integer place = places.get(setting);
        return place == null ? 1 : Math.exp(mean[bucket * settings + place]);
    }

    /** Variance of the difference of two settings' deviations. */
    double variance(int bucket, Setting one, Setting other) {
        List<int[]> terms = difference(bucket, one, other);
        double sum = 0;
        for (int[] a : terms) {
            for (int[] b : terms) {
                sum += a[1] * b[1] * covariance[a[0]][b[0]];
            }
        }
        return Math.max(0, sum);
    }
}
