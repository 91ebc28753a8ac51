package dev.respec.ops.report;

import dev.respec.ops.console.Counts;
import dev.respec.ops.report.RunSummary.AcceptanceLength;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Acceptance length at the beginning and at the end of a run. A longer draft has a larger one at the same rate of
 * acceptance, so both ends are compared setting by setting: over those with enough steps in both, each weighted by its
 * steps in the whole run.
 */
final class AcceptanceLengths {
    /** The ends are tenths of the run if a setting occurs in both, else thirds, else halves. */
    private static final int[] PARTS = {10, 3, 2};

    private static final long FEWEST_STEPS = 100;

    private AcceptanceLengths() {}

    /** What one setting did. */
    private record Counts(long emitted, long steps) {
        static final Counts NONE = new Counts(0, 0);

        Counts plus(Counts other) {
            return new Counts(emitted + other.emitted, steps + other.steps);
        }

        double length() {
            return (double) emitted / steps;
        }
    }

    static AcceptanceLength of(List<AcceptanceStats> intervals) {
        return of(intervals, statistics -> true);
    }

    /** @param counted statistics that count */
    static AcceptanceLength of(List<AcceptanceStats> intervals, Predicate<SettingStatistics> counted) {
        Map<String, Counts> whole = bySetting(intervals, counted);
        Counts all = whole.values().stream().reduce(Counts.NONE, Counts::plus);
        double mean = all.steps() == 0 ? 1 : all.length();
        for (int parts : PARTS) {
            int part = Math.max(1, intervals.size() / parts);
            if (2 * part > intervals.size()) {
                continue;
            }
            Map<String, Counts> first = bySetting(intervals.subList(0, part), counted);
            Map<String, Counts> last = bySetting(intervals.subList(intervals.size() - part, intervals.size()), counted);
            first.values().removeIf(counts -> counts.steps() < FEWEST_STEPS);
            last.values().removeIf(counts -> counts.steps() < FEWEST_STEPS);
            first.keySet().retainAll(last.keySet());
            if (!first.isEmpty()) {
                last.keySet().retainAll(first.keySet());
                return new AcceptanceLength(weighted(first, whole), weighted(last, whole), mean);
            }
        }
        return new AcceptanceLength(mean, mean, mean);
    }

    private static double weighted(Map<String, Counts> part, Map<String, Counts> weights) {
        double sum = 0;
        double weight = 0;
        for (Map.Entry<String, Counts> each : part.entrySet()) {
            long steps = weights.getOrDefault(each.getKey(), Counts.NONE).steps();
            sum += each.getValue().length() * steps;
            weight += steps;
        }
        return sum / weight;
    }

    private static Map<String, Counts> bySetting(
            List<AcceptanceStats> intervals, Predicate<SettingStatistics> counted) {
        Map<String, Counts> counts = new HashMap<>();
        for (AcceptanceStats interval : intervals) {
            for (SettingStatistics each : interval.getSettings()) {
                if (each.getSetting().getDraftLength() > 0 && counted.test(each)) {
                    counts.merge(
                            SettingCodec.text(each.getSetting()),
                            new Counts(each.getEmittedTokens(), each.getSequenceSteps()),
                            Counts::plus);
                }
            }
        }
        return counts;
    }
}
