package dev.respec.controller;

import dev.respec.schemas.SettingStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the live machine differs from the cost table. Live step time = table × load × deviation: the load is what slows
 * every setting alike just now (other processes, heat) and cancels in comparisons; the deviation is a setting's own, and
 * what decisions need. A deviation is learned against the load of its moment, so that a setting used in busy times does
 * not look worse than one used in quiet times.
 */
final class TimingEvidence {
    /** Verify steps that weigh as much as the belief that the table is right. */
    private static final double LEAN = 30;

    /** A single interval's outlier (a pause, a swap) counts at most this much. */
    private static final double MOST_DEVIATION = 4;

    /** The load is followed this much faster than the deviations. */
    private static final double LOAD_WINDOW_SHARE = 0.2;

    private final double windowMillis;
    private final DecayingCounts load;
    private final Map<Setting, DecayingCounts> pooled = new HashMap<>();
    private final Map<Key, DecayingCounts> byBucket = new HashMap<>();

    private record Key(int bucket, Setting setting) {}

    TimingEvidence(double windowMillis) {
        this.windowMillis = windowMillis;
        this.load = new DecayingCounts(windowMillis * LOAD_WINDOW_SHARE);
    }

    /** One interval of one worker. */
    void add(List<SettingStatistics> interval, CostTable costs, BatchBuckets buckets, long at) {
        double live = 0;
        double expected = 0;
        for (SettingStatistics statistics : interval) {
            if (usable(statistics, costs)) {
                live += milliseconds(statistics);
                expected += expected(statistics, costs);
            }
        }
        if (expected == 0) {
            return;
        }
        load.add(at, live, expected);
        double factor = load.get(0, at) / load.get(1, at);
        for (SettingStatistics statistics : interval) {
            if (usable(statistics, costs)) {
                add(statistics, buckets.of(statistics.getActiveBatch()), factor * expected(statistics, costs), at);
            }
        }
    }

    private void add(SettingStatistics statistics, int bucket, double expectedMillis, long at) {
        Setting setting = Setting.of(statistics.getSetting());
        double deviation =
                Math.max(1 / MOST_DEVIATION, Math.min(MOST_DEVIATION, milliseconds(statistics) / expectedMillis));
        double steps = statistics.getVerifySteps();
        double[] counts = {steps, steps * deviation, statistics.getSequenceSteps(), statistics.getEmittedTokens()};
        pooled.computeIfAbsent(setting, key -> new DecayingCounts(windowMillis)).add(at, counts);
        byBucket.computeIfAbsent(new Key(bucket, setting), key -> new DecayingCounts(windowMillis))
                .add(at, counts);
    }

    private static boolean usable(SettingStatistics statistics, CostTable costs) {
        return statistics.getVerifySteps() > 0
                && milliseconds(statistics) > 0
                && costs.knows(Setting.of(statistics.getSetting()));
    }

    private static double milliseconds(SettingStatistics statistics) {
        return statistics.getDraftMilliseconds()
                + statistics.getVerifyMilliseconds()
                + statistics.getOtherMilliseconds();
    }

    private static double expected(SettingStatistics statistics, CostTable costs) {
        return statistics.getVerifySteps()
                * costs.milliseconds(Setting.of(statistics.getSetting()), statistics.getActiveBatch());
    }

    /** Live over expected step time, the load taken out; 1 where the table is right or nothing is known. */
    double deviation(int bucket, Setting setting, long now) {
        double everywhere = rate(pooled.get(setting), 1, now);
        return rate(byBucket.get(new Key(bucket, setting)), everywhere, now);
    }

    private static double rate(@Nullable DecayingCounts counts, double prior, long now) {
        return counts == null ? prior : (counts.get(1, now) + LEAN * prior) / (counts.get(0, now) + LEAN);
    }

    /** Verify steps timed here that weigh in. */
    double steps(int bucket, Setting setting, long now) {
        DecayingCounts counts = byBucket.get(new Key(bucket, setting));
        return counts == null ? 0 : counts.get(0, now);
    }

    /** Tokens a sequence emitted a verify step here; 1 where nothing was measured. */
    double emittedPerStep(int bucket, Setting setting, long now) {
        DecayingCounts counts = byBucket.get(new Key(bucket, setting));
        return counts == null || counts.get(2, now) == 0 ? 1 : counts.get(3, now) / counts.get(2, now);
    }

    /** Live over expected step time, from what was measured here alone; 1 where nothing was. */
    double measuredDeviation(int bucket, Setting setting, long now) {
        DecayingCounts counts = byBucket.get(new Key(bucket, setting));
        return counts == null || counts.get(0, now) == 0 ? 1 : counts.get(1, now) / counts.get(0, now);
    }
}
