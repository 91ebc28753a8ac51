package dev.respec.generation.engine;

import java.util.Arrays;

/**
 * How often drafted tokens were accepted, by the confidence of the drafter in what it drew: the largest probability of the
 * distribution. Rates never fall as confidence rises; before there are counts, a rate is the confidence itself.
 */
final class AcceptanceByConfidence {
    /** Buckets of confidence per halving of 1 - confidence. */
    private static final int PER_HALVING = 3;

    private static final int BUCKETS = 8 * PER_HALVING;

    /** Counts that the confidence itself weighs as. */
    private static final double LEAN = 8;

    /** Above it a bucket's counts are halved, so that recent ones weigh more. */
    private static final double MOST_COUNTS = 4_000;

    /** Share of what was counted that a new version of the drafter inherits. */
    private static final double INHERITED = 0.25;

    private final double[] tried = new double[BUCKETS];
    private final double[] accepted = new double[BUCKETS];
    private final double[] rates = new double[BUCKETS];
    private boolean changed = true;

    void observe(double confidence, boolean wasAccepted) {
        int bucket = bucket(confidence);
        if (tried[bucket] >= MOST_COUNTS) {
            tried[bucket] /= 2;
            accepted[bucket] /= 2;
        }
        tried[bucket]++;
        accepted[bucket] += wasAccepted ? 1 : 0;
        changed = true;
    }

    /** Other weights draft now: what was counted is a hint. */
    void renew() {
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            tried[bucket] *= INHERITED;
            accepted[bucket] *= INHERITED;
        }
        changed = true;
    }

    double rate(double confidence) {
        if (changed) {
            fit();
            changed = false;
        }
        return rates[bucket(confidence)];
    }

    /** Rates that do not fall, closest to the counts: neighbours that do are pooled (Ayer et al. 1955). */
    private void fit() {
        double[] weights = new double[BUCKETS];
        int[] ends = new int[BUCKETS];
        int pools = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            double weight = tried[bucket] + LEAN;
            double rate = (accepted[bucket] + LEAN * middle(bucket)) / weight;
            while (pools > 0 && rates[pools - 1] >= rate) {
                pools--;
                rate = (rate * weight + rates[pools] * weights[pools]) / (weight + weights[pools]);
                weight += weights[pools];
            }
            rates[pools] = rate;
            weights[pools] = weight;
            ends[pools++] = bucket + 1;
        }
        // pools lie at the front of the same array, so spread them from the back
        for (int pool = pools - 1; pool >= 0; pool--) {
            Arrays.fill(rates, pool == 0 ? 0 : ends[pool - 1], ends[pool], rates[pool]);
        }
    }

    private static int bucket(double confidence) {
        double halvings = -Math.log(Math.max(1e-9, 1 - confidence)) / Math.log(2);
        return Math.max(0, Math.min(BUCKETS - 1, (int) (halvings * PER_HALVING)));
    }

    private static double middle(int bucket) {
        return 1 - Math.pow(2, -(bucket + 0.5) / PER_HALVING);
    }
}
