package dev.respec.ops;

import dev.respec.ops.audit.RunRecords;
import dev.respec.schemas.TrainingStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/** The time between the start of a run's first step and the end of its last. */
final class RunSpan {
    private RunSpan() {}

    static double seconds(RunRecords records) {
        Instant from = records.steps().stream()
                .map(TrainingStep::getStartedAt)
                .min(Comparator.naturalOrder())
                .orElse(Instant.EPOCH);
        Instant to = records.steps().stream()
                .map(TrainingStep::getFinishedAt)
                .max(Comparator.naturalOrder())
                .orElse(from);
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
