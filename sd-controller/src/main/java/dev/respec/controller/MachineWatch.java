package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import java.util.HashMap;
import java.util.Map;

/**
 * Notices that a worker's machine has become much faster or slower than it was: every setting at every range of batches has
 * a level, ln(live step time / expected), that is compared with its usual level. What speculation costs relative to plain
 * decoding may have changed with it.
 *
 * <p>The test is Page's CUSUM (1954) in either direction: intervals add up the logarithm of how much likelier their change is
 * after a jump than before it. On a quiet machine one interval is enough, beside a busy one it takes a few.
 */
final class MachineWatch {
    /** Change of the level that matters: half as fast again. */
    private static final double JUMP = Math.log(1.5);

    /** Log-likelihood ratio from which a jump is believed: an accident is taken for one every quarter of an hour or so. */
    private static final double BELIEVED = 6;

    /** Usual change of an interval's level, as measured beside a training thread; the least, on a quiet machine. */
    private static final double USUAL = 0.25;

    private static final double LEAST = 0.1;

    /** Successive intervals are alike, so that they tell less than as many independent ones: factor of their variance. */
    private static final double ALIKE = 1.5;

    /** The usual level follows with this time constant, and the usual change with the second. */
    private static final double LEVEL_MILLIS = 10_000;

    private static final double CHANGE_MILLIS = 60_000;

    /** After an alarm none comes for this long; it doubles with each alarm that changed nothing. */
    private static final long REST_MILLIS = 10_000;

    private static final long LONGEST_REST_MILLIS = 160_000;

    private final Map<String, Machine> machines = new HashMap<>();
    private boolean pending;
    private long restsUntil = Long.MIN_VALUE;
    private long rest = REST_MILLIS;

    private record Place(int bucket, Setting setting) {}

    private static final class Machine {
        private final Map<Place, Double> usual = new HashMap<>();
        private double variance = USUAL * USUAL;
        private double slower;
        private double faster;
        private long at;

        /** Whether the changes up to this one are those of a jump. */
        boolean jumped(double change) {
            double scale = JUMP / (ALIKE * Math.max(LEAST * LEAST, variance));
            slower = Math.max(0, slower + scale * (change - JUMP / 2));
            faster = Math.max(0, faster + scale * (-change - JUMP / 2));
            if (slower < BELIEVED && faster < BELIEVED) {
                return false;
            }
            slower = 0;
            faster = 0;
            return true;
        }

        void follow(Map<Place, Double> levels, double change, double shift, long now) {
            double passed = at == 0 ? 0 : Math.max(0, now - at);
            double share = 1 - Math.exp(-passed / LEVEL_MILLIS);
            usual.replaceAll((place, level) -> level + shift);
            levels.forEach((place, level) -> usual.merge(place, level, (old, seen) -> old + share * (seen - old)));
            double most = Math.max(JUMP * JUMP, 4 * variance); // a jump is not how the machine usually is
            variance += (1 - Math.exp(-passed / CHANGE_MILLIS)) * (Math.min(change * change, most) - variance);
            at = now;
        }
    }

    /** Whether the machine has jumped. */
    boolean jumped(AcceptanceStats stats, SettingEstimator estimator, long now) {
        Map<Place, Double> levels = levels(stats, estimator);
        Machine machine = machines.computeIfAbsent(stats.getWorkerId(), worker -> new Machine());
        double change = 0;
        double steps = 0;
        for (SettingStatistics each : stats.getSettings()) {
            Place place = place(each, estimator);
            Double level = levels.get(place);
            Double usual = machine.usual.get(place);
            if (level != null && usual != null) {
                change += each.getVerifySteps() * (level - usual);
                steps += each.getVerifySteps();
            }
        }
        change = steps > 0 ? change / steps : 0;
        boolean jumped = machine.jumped(change);
        machine.follow(levels, change, jumped ? change : 0, now);
        pending |= jumped;
        return pending && alarm(now);
    }

    private static Place place(SettingStatistics statistics, SettingEstimator estimator) {
        return new Place(estimator.buckets().of(statistics.getActiveBatch()), SettingCodec.of(statistics.getSetting()));
    }

    private static Map<Place, Double> levels(AcceptanceStats stats, SettingEstimator estimator) {
        var levels = new HashMap<Place, Double>();
        for (SettingStatistics each : stats.getSettings()) {
            Place place = place(each, estimator);
            double live = BatchActivity.milliseconds(each);
            if (live > 0
                    && each.getVerifySteps() > 0
                    && each.getSequenceSteps() > 0
                    && estimator.knows(place.setting())) {
                double expected = each.getVerifySteps()
                        * estimator.tableMilliseconds(
                                place.setting(),
                                (double) each.getSequenceSteps() / each.getVerifySteps(),
                                (double) each.getContextTokens() / each.getSequenceSteps());
                levels.put(place, Math.log(live / expected));
            }
        }
        return levels;
    }

    private boolean alarm(long now) {
        if (now < restsUntil) {
            return false;
        }
        pending = false;
        restsUntil = now + rest;
        rest = Math.min(LONGEST_REST_MILLIS, 2 * rest);
        return true;
    }

    /** A choice has changed: changes of the machine matter. */
    void mattered() {
        rest = Math.max(REST_MILLIS, rest / 2);
    }
}
