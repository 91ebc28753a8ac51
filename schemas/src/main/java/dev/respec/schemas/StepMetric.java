package dev.respec.schemas;

import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
    /** Mean of one part of the rewards, over the rollouts that have it; {@link #key(String)} names the part. */
    REWARD_PART,
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
    /** Groups of the step, among those that it used, whose rewards are all equal. */
    GROUPS_ZERO_VARIANCE,
    /** Groups that dynamic sampling left out because their rewards are all equal. */
    GROUPS_SET_ASIDE,
    /** Complete groups read per group used. */
    PROMPTS_PER_USED,
    /** 1 if the step reached the limit of dynamic sampling. */
    SAMPLING_LIMIT_REACHED,
    GROUPS_DROPPED_STALE,
    GROUPS_INCOMPLETE,
    GROUPS_TIMED_OUT,
    GROUPS_REFUSED,
    GROUPS_LATE,
    GROUPS_IN_FLIGHT,
    GROUPS_ACCEPTED,
    PROMPTS_ABANDONED,
    /** Prompts that the curriculum has a pass rate of. */
    PROMPTS_SEEN,
    /** Prompts whose pass rate is 1 by the curriculum's window. */
    PROMPTS_SOLVED,
    /** Prompts whose pass rate is 0 by the curriculum's window. */
    PROMPTS_UNSOLVED,

    // of the learner
    ACCURACY,
    ROLLOUTS,
    /** Rejected drafts that the round's steps replayed; a draft counts as often as it was drawn. */
    REPLAYED_DRAFTS,
    JUDGED_ROLLOUTS,
    PUBLISHED,
    /** 1 if the round's training changed no parameter of the drafter. */
    UNCHANGED,
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

    /** The same metric of something that has a name. */
    public String key(String name) {
        return key + "." + name;
    }

    /** Names under which a step carries the metric, sorted. */
    public SortedSet<String> names(TrainingStep step) {
        var start = key("");
        return step.getMetrics().keySet().stream()
                .filter(metric -> metric.startsWith(start))
                .map(metric -> metric.substring(start.length()))
                .collect(Collectors.toCollection(TreeSet::new));
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
