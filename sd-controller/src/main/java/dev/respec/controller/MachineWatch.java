package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import java.util.HashMap;
import java.util.Map;

/**
 * Notices that a worker's machine has become much faster or slower than it was: every setting at every range of batches
 * has a level, ln(live step time / expected), that is compared with its usual level. What speculation costs relative to
 * plain decoding may have changed with it.
 */
final class MachineWatch {
    /** Change of the level that counts: half as fast again, and this many times the usual change. */
    private static final double JUMP = 0.4;

    private static final double UNUSUAL = 2.5;

    /** The usual level follows with this time constant. */
    private static final double MEMORY_MILLIS = 10_000;

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
        private double changeBefore;
        private double variance;
        private long at;
    }

    /** Whether the machine has jumped, as two intervals in a row say. */
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
        double jump = Math.max(JUMP, UNUSUAL * Math.sqrt(machine.variance));
        boolean far =
                Math.abs(change) > jump && Math.abs(machine.changeBefore) > jump && change * machine.changeBefore > 0;
        double shift = far ? change : 0;
        machine.usual.replaceAll((place, level) -> level + shift);
        double share = 1 - Math.exp(-Math.max(0, now - machine.at) / MEMORY_MILLIS);
        levels.forEach((place, level) -> machine.usual.merge(place, level, (old, seen) -> old + share * (seen - old)));
        double usual = Math.min(change * change, jump * jump); // a jump is not how the machine usually is
        machine.variance += Math.min(1, share) * (usual - machine.variance);
        machine.changeBefore = far ? 0 : change;
        machine.at = now;
        pending |= far;
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
