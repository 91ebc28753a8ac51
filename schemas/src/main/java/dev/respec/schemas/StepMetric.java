package dev.respec.schemas;

import java.util.Locale;

/** The metrics of {@code training-steps}: their writers and readers name them by these constants only. */
public enum StepMetric {
    // of the trainer and the learner
    LOSS,
    GRADIENT_NORM,
    OPTIMISER_STEPS,
    REWARD_MEAN,
    POLICY_VERSION,

    // of the trainer
    REWARD_STD,
    PASS_RATE,
    REWARD_ERRORS,
    RESPONSE_LENGTH_MEAN,
    RESPONSE_LENGTH_MAX,
    TRUNCATED_SHARE,
    TOKENS_CONSUMED,
    TOKENS_TRAINED,
    TOKENS_PER_SECOND_GENERATION,
    DRAFTER_VERSION_MAX,
    STALENESS_MEAN,
    STALENESS_MAX,
    ACCEPTANCE_LENGTH,
    ACCEPTANCE_RATE,
    /** 1 if no group of the step could teach anything, so that the weights and their version stayed. */
    NO_SIGNAL,
    ENTROPY,
    KL_SAMPLER_TRAINER,
    KL_REFERENCE,
    CLIP_FRACTION,
    CLIP_FRACTION_LOW,
    CLIP_FRACTION_HIGH,
    IMPORTANCE_WEIGHT_MEAN,
    ESS,
    LEARNING_RATE,
    GROUPS_ZERO_VARIANCE,
    GROUPS_DROPPED_STALE,
    GROUPS_INCOMPLETE,
    GROUPS_TIMED_OUT,
    GROUPS_REFUSED,
    GROUPS_LATE,
    GROUPS_IN_FLIGHT,
    GROUPS_ACCEPTED,
    PROMPTS_ABANDONED,

    // of the learner
    ACCURACY,
    ROLLOUTS,
    JUDGED_ROLLOUTS,
    PUBLISHED,
    CANDIDATES_REJECTED,
    CANDIDATE_ACCEPTANCE,
    CANDIDATE_ACCEPTANCE_LENGTH,
    CURRENT_ACCEPTANCE,
    CURRENT_ACCEPTANCE_LENGTH,
    /** Share of the fresh rollouts that the round was allowed to train on. */
    TRAINING_SHARE,
    /** Served acceptance length over the learner's fast and slow horizon. */
    SERVED_FAST,
    SERVED_SLOW;

    private final String key = name().toLowerCase(Locale.ROOT);

    /** As in the map of the event. */
    public String key() {
        return key;
    }

    /** The same metric of one position of the draft, the first being 1. */
    public String key(int position) {
        return key + "_" + position;
    }

    /** NaN if the step does not carry the metric. Older runs have hyphens in the names of the learner's metrics. */
    public double of(TrainingStep step) {
        Double value = step.getMetrics().get(key);
        return value != null ? value : step.getMetrics().getOrDefault(key.replace('_', '-'), Double.NaN);
    }

    /** Whether the step changed the weights. */
    public static boolean hasSignal(TrainingStep step) {
        return NO_SIGNAL.of(step) != 1;
    }
}
