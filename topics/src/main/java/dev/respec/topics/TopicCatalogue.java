package dev.respec.topics;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.schemas.WorkerStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every topic of the pipeline. Topics with one partition are those whose readers need one order over all keys, or whose
 * rate never asks for more; {@link #ROLLOUT_REQUESTS} has one because a share group spreads a partition over any number
 * of workers and none of them then waits for a partition that only busy ones may read.
 */
public final class TopicCatalogue {
    /** Share group in which the workers take {@link #ROLLOUT_REQUESTS}. */
    public static final String WORKER_GROUP = "rollout-workers";

    private static final String LARGEST_RECORD_BYTES = "16777216";
    private static final String EVERY_STAGE = "every stage";

    public static final Topic<RolloutRequest> ROLLOUT_REQUESTS = new Topic<>(
            "rollout-requests",
            RolloutRequest.class,
            1,
            kept(Duration.ofDays(7)),
            "request id",
            List.of("trainer"),
            List.of("rollout-worker", "trainer"));

    public static final Topic<Rollout> ROLLOUTS = new Topic<>(
            "rollouts",
            Rollout.class,
            4,
            kept(Duration.ofDays(30)),
            "request id",
            List.of("rollout-worker"),
            List.of("reward-scorer", "rollout-worker", "anyone"));

    public static final Topic<AcceptanceStats> ACCEPTANCE_STATS = new Topic<>(
            "acceptance-stats",
            AcceptanceStats.class,
            1,
            kept(Duration.ofDays(30)),
            "worker id",
            List.of("rollout-worker"),
            List.of("sd-controller", "drafter-learner", "report"));

    public static final Topic<CostProfile> COST_PROFILES = new Topic<>(
            "cost-profiles",
            CostProfile.class,
            1,
            compacted(),
            "run id, model id, engine class",
            List.of("rollout-worker"),
            List.of("sd-controller"));

    public static final Topic<SpeculationSettings> SD_SETTINGS = new Topic<>(
            "sd-settings",
            SpeculationSettings.class,
            1,
            compactedWithHistory(Duration.ofDays(30)),
            "run id, model id, engine class",
            List.of("sd-controller"),
            List.of("rollout-worker", "report"));

    public static final Topic<ScoredRollout> SCORED_ROLLOUTS = new Topic<>(
            "scored-rollouts",
            ScoredRollout.class,
            4,
            kept(Duration.ofDays(30)),
            "request id",
            List.of("reward-scorer"),
            List.of("trainer", "drafter-learner", "report", "anyone"));

    public static final Topic<WeightUpdate> WEIGHT_UPDATES = new Topic<>(
            "weight-updates",
            WeightUpdate.class,
            1,
            compactedWithHistory(Duration.ofDays(90)),
            "role",
            List.of("trainer", "drafter-learner"),
            List.of("rollout-worker", "drafter-learner", "trainer", "report"));

    public static final Topic<WorkerStatus> WORKER_STATUS = new Topic<>(
            "worker-status",
            WorkerStatus.class,
            1,
            compactedSoon(),
            "worker id",
            List.of("rollout-worker"),
            List.of("trainer", "report"));

    public static final Topic<TrainingStep> TRAINING_STEPS = new Topic<>(
            "training-steps",
            TrainingStep.class,
            1,
            Map.of("cleanup.policy", "delete", "retention.ms", "-1"),
            "run id",
            List.of("trainer", "drafter-learner"),
            List.of("trainer", "drafter-learner", "report", "anyone"));

    public static final Topic<PolicyEvaluation> EVALUATIONS = new Topic<>(
            "evaluations",
            PolicyEvaluation.class,
            1,
            Map.of("cleanup.policy", "delete", "retention.ms", "-1"),
            "run id",
            List.of("trainer"),
            List.of("trainer", "report", "anyone"));

    public static final Topic<DeadLetter> DEAD_LETTERS = new Topic<>(
            "dead-letters",
            DeadLetter.class,
            1,
            kept(Duration.ofDays(90)),
            "original key",
            List.of(EVERY_STAGE),
            List.of("people"));

    private static final List<Topic<?>> ALL = List.of(
            ROLLOUT_REQUESTS,
            ROLLOUTS,
            ACCEPTANCE_STATS,
            COST_PROFILES,
            SD_SETTINGS,
            SCORED_ROLLOUTS,
            WEIGHT_UPDATES,
            WORKER_STATUS,
            TRAINING_STEPS,
            EVALUATIONS,
            DEAD_LETTERS);

    private TopicCatalogue() {}

    public static List<Topic<?>> all() {
        return ALL;
    }

    /** Topics that the stage reads or writes. */
    public static List<Topic<?>> usedBy(String stage) {
        return ALL.stream()
                .filter(topic -> writes(stage, topic) || topic.readers().contains(stage))
                .toList();
    }

    static boolean writes(String stage, Topic<?> topic) {
        return topic.writers().contains(stage) || topic.writers().contains(EVERY_STAGE);
    }

    /**
     * Configuration of the share groups by group id. A lock protects the milliseconds between fetching a request and
     * accepting it; it is the shortest that a broker allows by default.
     */
    static Map<String, Map<String, String>> shareGroups() {
        return Map.of(
                WORKER_GROUP,
                Map.of(
                        "share.auto.offset.reset", "earliest",
                        "share.isolation.level", "read_committed",
                        "share.record.lock.duration.ms", "15000"));
    }

    private static Map<String, String> kept(Duration retention) {
        return Map.of(
                "cleanup.policy",
                "delete",
                "retention.ms",
                Long.toString(retention.toMillis()),
                "max.message.bytes",
                LARGEST_RECORD_BYTES);
    }

    private static Map<String, String> compacted() {
        return Map.of("cleanup.policy", "compact");
    }

    /** For records that replace each other many times a minute: old segments are closed, so that they can be compacted. */
    private static Map<String, String> compactedSoon() {
        var configuration = new HashMap<>(compacted());
        configuration.put("segment.bytes", Integer.toString(64 << 20));
        return configuration;
    }

    /** The last record of a key stays for good, the ones before it at least this long. */
    private static Map<String, String> compactedWithHistory(Duration history) {
        var configuration = new HashMap<>(compacted());
        configuration.put("min.compaction.lag.ms", Long.toString(history.toMillis()));
        return configuration;
    }
}
