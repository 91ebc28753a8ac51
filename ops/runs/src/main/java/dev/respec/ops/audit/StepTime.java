package dev.respec.ops.audit;

import dev.respec.schemas.TrainingStep;
import java.util.Map;

/** Where the time of a training step went. */
public final class StepTime {
    private StepTime() {}

    /** Time the step computed: its phases without those that only waited. */
    public static double busyMilliseconds(TrainingStep step) {
        return step.getPhases().entrySet().stream()
                .filter(phase -> !phase.getKey().equals("waiting"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
