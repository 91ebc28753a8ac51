package dev.respec.ops.audit;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * When a run trained: a step of the policy lasts from the end of the step before it, or from the trainer's start, to its
 * own end. Pauses of the run lie between steps and do not count.
 *
 * @param steps of the policy
 */
public record TrainingTime(List<TrainingStep> steps) {
    public TrainingTime {
        steps = List.copyOf(steps);
    }

    /** @param steps of a run, of both roles */
    public static TrainingTime of(List<TrainingStep> steps) {
        return new TrainingTime(steps.stream()
                .filter(step -> step.getRole() == WeightRole.POLICY)
                .toList());
    }

    public double seconds() {
        return steps.stream()
                        .mapToLong(step -> Duration.between(step.getStartedAt(), step.getFinishedAt())
                                .toMillis())
                        .sum()
                / 1e3;
    }

    /** Whether the run trained at some moment between the two. */
    public boolean overlaps(Instant from, Instant to) {
        return steps.stream().anyMatch(step -> from.isBefore(step.getFinishedAt()) && to.isAfter(step.getStartedAt()));
    }

    /** Leaves out what workers that serve every run did while this one did not train. */
    List<AcceptanceStats> during(List<AcceptanceStats> statistics) {
        return statistics.stream()
                .filter(stats ->
                        !stats.getRunId().isEmpty() || overlaps(stats.getIntervalStart(), stats.getIntervalEnd()))
                .toList();
    }
}
