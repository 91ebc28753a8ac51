package dev.respec.ops.exports.run;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sums the workers' statistics up to the end of each step. */
final class SpeculationCounts {
    private final PriorityQueue<AcceptanceStats> waiting =
            new PriorityQueue<>(Comparator.comparing(AcceptanceStats::getIntervalEnd));

    private static final class Sum {
        long emitted;
        long sequenceSteps;
        long drafted;
        long accepted;
    }

    void add(AcceptanceStats stats) {
        waiting.add(stats);
    }

    /** Scalars of the intervals that ended since the step before and until now; none if there was no interval. */
    SortedMap<String, Double> until(Instant end) {
        SortedMap<String, Sum> drafters = new TreeMap<>();
        double milliseconds = 0;
        long emitted = 0;
        long sequenceSteps = 0;
        long verifySteps = 0;
        for (AcceptanceStats next = waiting.peek();
                next != null && !next.getIntervalEnd().isAfter(end);
                next = waiting.peek()) {
            waiting.remove();
            for (SettingStatistics each : next.getSettings()) {
                add(each, drafters);
                milliseconds +=
                        each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds();
                emitted += each.getEmittedTokens();
                sequenceSteps += each.getSequenceSteps();
                verifySteps += each.getVerifySteps();
            }
        }
        SortedMap<String, Double> scalars = new TreeMap<>();
        drafters.forEach((drafter, sum) -> {
            ratio(scalars, "speculation/acceptance_length_" + drafter, sum.emitted, sum.sequenceSteps);
            ratio(scalars, "speculation/acceptance_rate_" + drafter, sum.accepted, sum.drafted);
        });
        ratio(scalars, "generation/tokens_per_second", 1000.0 * emitted, milliseconds);
        ratio(scalars, "generation/active_batch_mean", sequenceSteps, verifySteps);
        return scalars;
    }

    private static void add(SettingStatistics each, SortedMap<String, Sum> drafters) {
        Sum sum = drafters.computeIfAbsent(each.getSetting().getDrafter(), drafter -> new Sum());
        sum.emitted += each.getEmittedTokens();
        sum.sequenceSteps += each.getSequenceSteps();
        sum.drafted += each.getDraftedTokens();
        sum.accepted +=
                each.getAcceptedByPosition().stream().mapToLong(Long::longValue).sum();
    }

    private static void ratio(SortedMap<String, Double> scalars, String name, double over, double under) {
        if (under > 0) {
            scalars.put(name, over / under);
        }
    }
}
