package dev.respec.ops.report;

import dev.respec.ops.report.RunSummary.AcceptanceLength;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** How much of what each drafter of a run proposed was accepted. */
final class DrafterAcceptance {
    /** The drafter that the learner trains. */
    static final String LEARNED = "eagle3";

    private static final String OFF = "off";

    private final List<AcceptanceStats> intervals;

    DrafterAcceptance(List<AcceptanceStats> intervals) {
        this.intervals = intervals;
    }

    /**
     * Sums over verify steps that drafted.
     *
     * @param steps of one sequence each
     */
    record Counts(long emitted, long steps, long accepted, long drafted) {
        private static Counts of(SettingStatistics each) {
            return new Counts(
                    each.getEmittedTokens(),
                    each.getSequenceSteps(),
                    each.getAcceptedByPosition().stream()
                            .mapToLong(Long::longValue)
                            .sum(),
                    each.getDraftedTokens());
        }

        private Counts plus(Counts other) {
            return new Counts(
                    emitted + other.emitted, steps + other.steps, accepted + other.accepted, drafted + other.drafted);
        }

        /** Tokens per verify step; not a number without one. */
        double length() {
            return (double) emitted / steps;
        }

        /** Accepted of drafted tokens; not a number without one. */
        double share() {
            return (double) accepted / drafted;
        }
    }

    /** Of each drafter that drafted, by name. */
    SortedMap<String, Counts> byDrafter() {
        return summed(
                statistics -> true,
                (interval, statistics) -> statistics.getSetting().getDrafter());
    }

    /** Of each version of the learned drafter that drafted. */
    SortedMap<Long, Counts> byVersion() {
        return summed(DrafterAcceptance::isLearned, (interval, statistics) -> interval.getDrafterVersion());
    }

    /** Of the learned drafter at the beginning and at the end of the run, setting by setting. */
    AcceptanceLength learned() {
        List<AcceptanceStats> drafted = intervals.stream()
                .filter(interval -> interval.getSettings().stream().anyMatch(DrafterAcceptance::isLearned))
                .toList();
        return AcceptanceLengths.of(drafted, DrafterAcceptance::isLearned);
    }

    private static boolean isLearned(SettingStatistics statistics) {
        return statistics.getSetting().getDrafter().equals(LEARNED);
    }

    private <K extends Comparable<K>> SortedMap<K, Counts> summed(
            Predicate<SettingStatistics> counted, BiFunction<AcceptanceStats, SettingStatistics, K> key) {
        SortedMap<K, Counts> sums = new TreeMap<>();
        for (AcceptanceStats interval : intervals) {
            for (SettingStatistics each : interval.getSettings()) {
                boolean drafted = each.getSequenceSteps() > 0
                        && !each.getSetting().getDrafter().equals(OFF);
                if (drafted && counted.test(each)) {
                    sums.merge(key.apply(interval, each), Counts.of(each), Counts::plus);
                }
            }
        }
        return sums;
    }
}
