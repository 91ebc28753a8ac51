package dev.respec.controller;

import dev.respec.speculation.Setting;
import java.util.HashMap;
import java.util.Map;

/**
 * Variance of the logarithm that one pair of turns shows, learned from all settings and batches together: a handful of pairs
 * says little about its own error.
 *
 * <p>Pairs that ran one after the other are more alike than pairs of different moments: in recorded runs the former lay 0.2
 * apart and the latter 0.4 (docs/LOG.md). Both are measured, and the larger one counts.
 */
final class PairNoise {
    /** As measured on two cores beside a training thread, turns of 20 ms; the same on a quiet machine is 0.1. */
    private static final double BELIEVED = 0.45;

    /** Pairs, or moments, that this belief is worth. */
    private static final double BELIEVED_PAIRS = 6;

    private final double windowMillis;
    private final DecayingCounts within;
    private final DecayingCounts between;
    private final Map<Comparison, DecayingCounts> means = new HashMap<>();

    /** Two settings at a range of batches. */
    record Comparison(int bucket, Setting setting, Setting rival) {}

    PairNoise(double windowMillis) {
        this.windowMillis = windowMillis;
        within = new DecayingCounts(windowMillis);
        between = new DecayingCounts(windowMillis);
    }

    /**
     * Pairs of one moment.
     *
     * @param mean of their logarithms
     * @param squaredDeviations from the mean, summed over the pairs
     */
    void add(long at, Comparison comparison, long pairs, double mean, double squaredDeviations) {
        within.add(at, pairs - 1.0, squaredDeviations);
        DecayingCounts before = means.computeIfAbsent(comparison, key -> new DecayingCounts(windowMillis));
        double known = before.get(0, at);
        if (known > 0) {
            double apart = mean - before.get(1, at) / known;
            between.add(at, 1, apart * apart / (1.0 / pairs + 1 / known));
        }
        before.add(at, pairs, pairs * mean);
    }

    /** Of one pair. */
    double variance(long now) {
        return Math.max(estimate(within, now), estimate(between, now));
    }

    private static double estimate(DecayingCounts counts, long now) {
        return (counts.get(1, now) + BELIEVED_PAIRS * BELIEVED * BELIEVED) / (counts.get(0, now) + BELIEVED_PAIRS);
    }

    /** Relative to the machine on which the belief was measured. */
    double share(long now) {
        return variance(now) / (BELIEVED * BELIEVED);
    }
}
