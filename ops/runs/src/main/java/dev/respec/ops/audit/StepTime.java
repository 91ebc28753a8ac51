package dev.respec.ops.audit;

import dev.respec.schemas.TrainingStep;
import java.util.Map;
import java.util.Set;

/** Where the time of a training step went. */
public final class StepTime {
    private static final Set<String> IDLE = Set.of("waiting", "evaluating");

    private StepTime() {}

    /** Time the step computed: its phases without those that only waited. */
    public static double busyMilliseconds(TrainingStep step) {
        return step.getPhases().entrySet().stream()
                .filter(phase -> !IDLE.contains(phase.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
