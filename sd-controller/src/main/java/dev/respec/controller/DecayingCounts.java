package dev.respec.controller;

import java.util.Arrays;

/**
 * Sums that fade: what was counted t ago weighs exp(−t / window). The order in which counts come does not matter.
 * Times are milliseconds since the epoch.
 */
final class DecayingCounts {
    private final double windowMillis;
    private double[] values = new double[0];
    private long countedAt;

    DecayingCounts(double windowMillis) {
        this.windowMillis = windowMillis;
    }

    void add(long at, double... counts) {
        if (counts.length > values.length) {
            values = Arrays.copyOf(values, counts.length);
        }
        double weight = 1;
        if (at > countedAt) {
            double fade = weight(at - countedAt);
            for (int i = 0; i < values.length; i++) {
                values[i] *= fade;
            }
            countedAt = at;
        } else {
            weight = weight(countedAt - at);
        }
        for (int i = 0; i < counts.length; i++) {
            values[i] += weight * counts[i];
        }
    }

    /** The sum as it weighs now; 0 if nothing was counted. */
    double get(int index, long now) {
        return index < values.length ? values[index] * weight(Math.max(0, now - countedAt)) : 0;
    }

    private double weight(long ageMillis) {
        return Math.exp(-ageMillis / windowMillis);
    }
}
