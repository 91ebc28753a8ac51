package dev.respec.ops.local;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Follows a run on its topics. One thread owns it. */
final class ProgressFeed implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMillis(5);

    private final String runId;
    private final EventConsumer<TrainingStep> steps;
    private final EventConsumer<AcceptanceStats> acceptance;
    private final EventConsumer<SpeculationSettings> settings;
    private final EventConsumer<PolicyEvaluation> evaluations;
    private @Nullable EventConsumer<Rollout> firstRollout;

    private final Throughputs throughputs = new Throughputs();
    private @Nullable SpeculationSettings newestSettings;
    private @Nullable Instant firstRolloutAt;
    private long drafterVersion;
    private long policySteps;

    ProgressFeed(EventLog events, String runId) {
        this.runId = runId;
        steps = events.consumer(TopicCatalogue.TRAINING_STEPS, ConsumerMode.fromBeginning());
        acceptance = events.consumer(TopicCatalogue.ACCEPTANCE_STATS, ConsumerMode.fromEnd());
        settings = events.consumer(TopicCatalogue.SD_SETTINGS, ConsumerMode.fromBeginning());
        evaluations = events.consumer(TopicCatalogue.EVALUATIONS, ConsumerMode.fromBeginning());
        firstRollout = events.consumer(TopicCatalogue.ROLLOUTS, ConsumerMode.fromBeginning());
    }

    /** Takes in what is new, hardly waiting. Returns the policy's steps that became known. */
    List<TrainingStep> poll() {
        for (AcceptanceStats stats : values(acceptance)) {
            if (stats.getRunId().equals(runId)) {
                throughputs.add(stats);
            }
        }
        for (SpeculationSettings table : values(settings)) {
            if (table.getRunId().isEmpty() || table.getRunId().equals(runId)) {
                newestSettings = table;
            }
        }
        lookForFirstRollout();
        List<TrainingStep> newSteps = new ArrayList<>();
        for (TrainingStep step : values(steps)) {
            if (!step.getRunId().equals(runId)) {
                continue;
            }
            if (step.getRole() == WeightRole.DRAFTER) {
                drafterVersion = Math.max(drafterVersion, step.getVersion());
            } else if (step.getStep() > policySteps) {
                policySteps = step.getStep();
                newSteps.add(step);
            }
        }
        return newSteps;
    }

    /** Results of evaluations that became known. */
    List<PolicyEvaluation> pollEvaluations() {
        return values(evaluations).stream()
                .filter(evaluation -> evaluation.getRunId().equals(runId))
                .toList();
    }

    private void lookForFirstRollout() {
        EventConsumer<Rollout> consumer = firstRollout;
        if (consumer == null) {
            return;
        }
        for (Event<Rollout> event : consumer.poll(WAIT)) {
            Rollout rollout = event.value();
            if (rollout != null && rollout.getRunId().equals(runId)) {
                firstRolloutAt = event.timestamp();
                consumer.close();
                firstRollout = null;
                return;
            }
        }
    }

    private static <V extends SpecificRecord> List<V> values(EventConsumer<V> consumer) {
        List<V> values = new ArrayList<>();
        for (Event<V> event : consumer.poll(WAIT)) {
            V value = event.value();
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    Throughputs throughputs() {
        return throughputs;
    }

    @Nullable
    SpeculationSettings settings() {
        return newestSettings;
    }

    @Nullable
    Instant firstRolloutAt() {
        return firstRolloutAt;
    }

    long drafterVersion() {
        return drafterVersion;
    }

    long policySteps() {
        return policySteps;
    }

    @Override
    public void close() {
        steps.close();
        acceptance.close();
        settings.close();
        evaluations.close();
        EventConsumer<Rollout> consumer = firstRollout;
        if (consumer != null) {
            consumer.close();
            firstRollout = null;
        }
    }
}
