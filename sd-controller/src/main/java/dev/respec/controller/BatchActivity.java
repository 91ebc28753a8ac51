package dev.respec.controller;

import dev.respec.schemas.SettingStatistics;

/** What lately went on in one range of batches, to judge settings by. */
final class BatchActivity {
    private final DecayingCounts counts;

    BatchActivity(double windowMillis) {
        counts = new DecayingCounts(windowMillis);
    }

    static double milliseconds(SettingStatistics statistics) {
        return statistics.getDraftMilliseconds()
                + statistics.getVerifyMilliseconds()
                + statistics.getOtherMilliseconds();
    }

    void add(SettingStatistics statistics, long at) {
        counts.add(
                at,
                milliseconds(statistics),
                statistics.getVerifySteps(),
                statistics.getSequenceSteps(),
                statistics.getContextTokens());
    }

    double milliseconds(long now) {
        return counts.get(0, now);
    }

    /** Mean time of a step whatever its setting; 0 without any. */
    double millisecondsPerStep(long now) {
        return ratio(0, 1, 0, now);
    }

    /** Mean active batch. */
    double batch(double withoutAny, long now) {
        return ratio(2, 1, withoutAny, now);
    }

    /** Mean tokens in a sequence's cache, as when it was last counted. */
    double context() {
        return context(Long.MIN_VALUE / 2);
    }

    /** Mean tokens in a sequence's cache. */
    double context(long now) {
        return ratio(3, 2, 0, now);
    }

    private double ratio(int numerator, int denominator, double withoutAny, long now) {
        double below = counts.get(denominator, now);
        return below > 1e-9 ? counts.get(numerator, now) / below : withoutAny;
    }
}
