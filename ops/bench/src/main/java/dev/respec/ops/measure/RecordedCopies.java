package dev.respec.ops.measure;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.respec.ops.measure.ScaleBench.WorkerRate;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.Rollout;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.RequestMarks;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes recorded events again and again, each time as new ones: with other ids, and at later times. */
final class RecordedCopies {
    private final EventLog events;
    private final int atLeast;

    RecordedCopies(EventLog events, int atLeast) {
        this.events = events;
        this.atLeast = atLeast;
    }

    /** Returns how many were written. */
    long rollouts(List<Rollout> recorded) {
        Set<String> seen = new HashSet<>();
        List<Rollout> distinct = recorded.stream()
                .filter(rollout -> seen.add(rollout.getRolloutId()))
                .toList();
        Map<String, Integer> numbers = new HashMap<>();
        distinct.forEach(rollout -> numbers.putIfAbsent(rollout.getRequestId(), numbers.size()));
        long written = 0;
        try (EventProducer producer = events.producer()) {
            for (int copy = 0; written < atLeast; copy++) {
                for (Rollout rollout : distinct) {
                    // the form of a trainer's own request: any other id belongs to another client
                    String id = RequestMarks.requestId(
                            rollout.getRunId(),
                            (long) copy * numbers.size() + requireNonNull(numbers.get(rollout.getRequestId())));
                    var unused = producer.send(
                            TopicCatalogue.ROLLOUTS,
                            id,
                            Rollout.newBuilder(rollout)
                                    .setRequestId(id)
                                    .setRolloutId(id + "/" + rollout.getSampleIndex())
                                    .build());
                    written++;
                }
            }
            producer.flush();
        }
        return written;
    }

    /** Returns how many were written. */
    long statistics(List<AcceptanceStats> recorded) {
        Instant first = recorded.stream()
                .map(AcceptanceStats::getIntervalStart)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        Instant last = recorded.stream()
                .map(AcceptanceStats::getIntervalEnd)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Duration span = Duration.between(first, last);
        long written = 0;
        try (EventProducer producer = events.producer()) {
            for (int copy = 0; written < atLeast; copy++) {
                Duration later = span.multipliedBy(copy);
                for (AcceptanceStats stats : recorded) {
                    var unused = producer.send(
                            TopicCatalogue.ACCEPTANCE_STATS,
                            stats.getWorkerId(),
                            AcceptanceStats.newBuilder(stats)
                                    .setIntervalStart(stats.getIntervalStart().plus(later))
                                    .setIntervalEnd(stats.getIntervalEnd().plus(later))
                                    .build());
                    written++;
                }
            }
            producer.flush();
        }
        return written;
    }

    void costs(Event<CostProfile> profile) {
        try (EventProducer producer = events.producer()) {
            producer.sendAndWait(
                    TopicCatalogue.COST_PROFILES, requireNonNullElse(profile.key(), ""), profile.requireValue());
        }
    }

    /** What one worker wrote a second, from its first rollout's start to its last one's end. */
    static WorkerRate rate(List<Rollout> rollouts, List<AcceptanceStats> statistics) {
        int workers =
                (int) rollouts.stream().map(Rollout::getWorkerId).distinct().count();
        Instant first = rollouts.stream()
                .map(rollout -> rollout.getTimings().getStartedAt())
                .min(Comparator.naturalOrder())
                .orElseThrow();
        Instant last = rollouts.stream()
                .map(rollout -> rollout.getTimings().getFinishedAt())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        double seconds = Math.max(1e-3, Duration.between(first, last).toMillis() / 1e3) * workers;
        return new WorkerRate(workers, rollouts.size() / seconds, statistics.size() / seconds);
    }
}
