package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a setting's live step time differs from the cost table. Live = table × load × deviation. The load is what slows
 * all settings of a worker alike just now (training beside it, heat); the deviation is a setting's own, 1 for off.
 *
 * <p>One setting alone says nothing: its time may be load or deviation. So a deviation is learned only from intervals in
 * which a worker ran two settings at the same batch, as the ratio of the two, and little where the load was changing.
 * That is rare evidence about something that changes slowly, so it fades slowly, and a place without any leans on the
 * setting's other batches, a setting on its drafter's other lengths.
 */
final class TimingEvidence {
    /** Comparisons that weigh as much as the belief that the table is right. */
    private static final double LEAN = 1;

    /** Deviations fade this many times slower than acceptance. */
    private static final double SLOWNESS = 15;

    /** Fewer steps are no measurement. */
    private static final long FEWEST_STEPS = 3;

    /** Verify steps that make a full comparison. */
    private static final double STEPS = 12;

    /** Change of the load from one interval to the next, natural logarithm, that halves a comparison's weight. */
    private static final double UNSTEADY = 0.12;

    /** Where the interval before ran other settings or batches. */
    private static final double UNKNOWN_STEADINESS = 0.5;

    /** A ratio beyond e² is a mishap. */
    private static final double MOST = 2;

    private final double windowMillis;
    private final Map<Family, DecayingCounts> byFamily = new HashMap<>();
    private final Map<Setting, DecayingCounts> bySetting = new HashMap<>();
    private final Map<Place, DecayingCounts> byBucket = new HashMap<>();
    private final Map<String, Map<Place, Double>> lastRatios = new HashMap<>();

    private record Place(int bucket, Setting setting) {}

    /** Sums of one setting at one bucket over one interval. */
    private static final class Timed {
        private double live;
        private double expected;
        private long steps;

        void add(SettingStatistics statistics, CostTable costs) {
            live += milliseconds(statistics);
            // Workers count ranges of batches together; the mean is what the steps were taken at.
            double batch = (double) statistics.getSequenceSteps() / statistics.getVerifySteps();
            expected += statistics.getVerifySteps() * costs.milliseconds(Setting.of(statistics.getSetting()), batch);
            steps += statistics.getVerifySteps();
        }

        double logRatio() {
            return Math.log(live / expected);
        }
    }

    TimingEvidence(double windowMillis) {
        this.windowMillis = windowMillis * SLOWNESS;
    }

    /** One interval of one worker. */
    void add(AcceptanceStats interval, CostTable costs, BatchBuckets buckets, long at) {
        var timed = new HashMap<Integer, Map<Setting, Timed>>();
        for (SettingStatistics statistics : interval.getSettings()) {
            Setting setting = Setting.of(statistics.getSetting());
            if (milliseconds(statistics) > 0 && statistics.getVerifySteps() > 0 && costs.knows(setting)) {
                timed.computeIfAbsent(buckets.of(statistics.getActiveBatch()), bucket -> new HashMap<>())
                        .computeIfAbsent(setting, key -> new Timed())
                        .add(statistics, costs);
            }
        }
        double steadiness = steadiness(interval.getWorkerId(), timed);
        timed.forEach((bucket, settings) -> compare(bucket, settings, steadiness, at));
    }

    /** 1 if settings took as long as in the worker's interval before, less where they did not: the load was changing. */
    private double steadiness(String workerId, Map<Integer, Map<Setting, Timed>> timed) {
        Map<Place, Double> before = lastRatios.getOrDefault(workerId, Map.of());
        var ratios = new HashMap<Place, Double>();
        double change = 0;
        double steps = 0;
        for (var bucket : timed.entrySet()) {
            for (var entry : bucket.getValue().entrySet()) {
                var place = new Place(bucket.getKey(), entry.getKey());
                Timed measured = entry.getValue();
                ratios.put(place, measured.logRatio());
                Double last = before.get(place);
                if (last != null) {
                    change += measured.steps * (measured.logRatio() - last);
                    steps += measured.steps;
                }
            }
        }
        lastRatios.put(workerId, ratios);
        return steps == 0 ? UNKNOWN_STEADINESS : 1 / (1 + Math.pow(change / steps / UNSTEADY, 2));
    }

    private void compare(int bucket, Map<Setting, Timed> settings, double steadiness, long at) {
        settings.forEach((setting, measured) -> {
            double others = 0;
            long otherSteps = 0;
            for (var other : settings.entrySet()) {
                Timed beside = other.getValue();
                if (!other.getKey().equals(setting) && beside.steps >= FEWEST_STEPS) {
                    others += beside.steps * (beside.logRatio() - logDeviation(bucket, other.getKey(), at));
                    otherSteps += beside.steps;
                }
            }
            if (setting.isOff() || otherSteps == 0 || measured.steps < FEWEST_STEPS) {
                return;
            }
            double deviation = Math.max(-MOST, Math.min(MOST, measured.logRatio() - others / otherSteps));
            double weight = steadiness * Math.min(1, Math.min(measured.steps, otherSteps) / STEPS);
            counts(byFamily, setting.family()).add(at, weight, weight * deviation);
            counts(bySetting, setting).add(at, weight, weight * deviation);
            counts(byBucket, new Place(bucket, setting)).add(at, weight, weight * deviation);
        });
    }

    private <K> DecayingCounts counts(Map<K, DecayingCounts> of, K key) {
        return of.computeIfAbsent(key, absent -> new DecayingCounts(windowMillis));
    }

    private static double milliseconds(SettingStatistics statistics) {
        return statistics.getDraftMilliseconds()
                + statistics.getVerifyMilliseconds()
                + statistics.getOtherMilliseconds();
    }

    /** Step time over the table's, relative to off's; 1 where the table is right or nothing is known. */
    double deviation(int bucket, Setting setting, long now) {
        return Math.exp(logDeviation(bucket, setting, now));
    }

    private double logDeviation(int bucket, Setting setting, long now) {
        double ofFamily = mean(byFamily.get(setting.family()), 0, now);
        double everywhere = mean(bySetting.get(setting), ofFamily, now);
        return mean(byBucket.get(new Place(bucket, setting)), everywhere, now);
    }

    private static double mean(@Nullable DecayingCounts counts, double prior, long now) {
        return counts == null ? prior : (counts.get(1, now) + LEAN * prior) / (counts.get(0, now) + LEAN);
    }

    /** How often the setting was timed beside another here, recent ones counting more. */
    double comparisons(int bucket, Setting setting, long now) {
        DecayingCounts counts = byBucket.get(new Place(bucket, setting));
        return counts == null ? 0 : counts.get(0, now);
    }
}
