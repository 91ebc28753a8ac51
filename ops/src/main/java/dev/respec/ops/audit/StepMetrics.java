package dev.respec.ops.audit;

import dev.respec.schemas.TrainingStep;
import java.util.Map;

/** Names of the metrics and phases of {@code training-steps} that progress line and report show. */
public final class StepMetrics {
    public static final String REWARD = "reward_mean";
    public static final String PASS_RATE = "pass_rate";
    public static final String LENGTH = "response_length_mean";
    public static final String LOSS = "loss";
    public static final String KL = "kl_sampler_trainer";
    public static final String ENTROPY = "entropy";
    public static final String STALENESS_MEAN = "staleness_mean";
    public static final String STALENESS_MAX = "staleness_max";
    public static final String LEARNING_RATE = "learning_rate";
    public static final String GRADIENT_NORM = "gradient_norm";

    /** 1 where no group of the step could teach anything, so that the weights and their version stayed. */
    public static final String NO_SIGNAL = "no_signal";

    private StepMetrics() {}

    /** Whether the step changed the weights. */
    public static boolean hasSignal(TrainingStep step) {
        return step.getMetrics().getOrDefault(NO_SIGNAL, 0.0) == 0;
    }

    /** NaN where the step does not carry the metric. Older runs have hyphens in the names of the learner's metrics. */
    public static double of(TrainingStep step, String name) {
        Double value = step.getMetrics().get(name);
        return value != null ? value : step.getMetrics().getOrDefault(name.replace('_', '-'), Double.NaN);
    }

    /** Time the step computed: its phases without those that only waited. */
    public static double busyMilliseconds(TrainingStep step) {
        return step.getPhases().entrySet().stream()
                .filter(phase -> !phase.getKey().equals("waiting"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
