package dev.respec.trainer;

import dev.respec.model.training.ReferencePolicy;
import dev.respec.model.training.TrainableModel;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.DroppedRequest;
import dev.respec.trainer.assembly.RecordedGroups;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import dev.respec.trainer.update.PolicyModel;
import dev.respec.trainer.update.PolicyUpdate;
import dev.respec.trainer.update.StepRows;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a model from a whole checkpoint to a later one: trains the steps between again, each on the groups that its event
 * names, as they are in the topic. Publishes nothing. Owned by the trainer's thread.
 */
final class StepReplay {
    private static final Logger log = LoggerFactory.getLogger(StepReplay.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final RespecConfig config;
    private final PolicyUpdate update;

    /** @param model in the state of the whole checkpoint */
    StepReplay(RespecConfig config, TrainableModel model, @Nullable ReferencePolicy reference) {
        this.config = config;
        this.update = new PolicyUpdate(
                PolicyModel.of(model),
                reference == null ? null : reference::logProbabilities,
                TrainerSettings.update(config));
    }

    /**
     * Trains every step of the trail but the first.
     *
     * @param trail a whole checkpoint and those after it
     * @throws BadInputException naming a step whose groups are gone from the topic
     */
    void run(List<TrainerCheckpoint> trail, EventLog events) {
        var whole = trail.get(0);
        var cursor = whole.state().cursor();
        log.atInfo()
                .addKeyValue("checkpoint", whole.folder())
                .addKeyValue("steps", trail.size() - 1)
                .log("Steps since the last optimiser state are trained again");
        try (var consumer =
                events.consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromOffsets(cursor.offsets()))) {
            var groups = new RecordedGroups(
                    events.topicName(TopicCatalogue.SCORED_ROLLOUTS),
                    whole.state().runId(),
                    cursor,
                    records(consumer));
            for (var checkpoint : trail.subList(1, trail.size())) {
                checkpoint.trainingStep().ifPresent(step -> train(step, groups, whole));
            }
        }
    }

    private void train(TrainingStep step, RecordedGroups groups, TrainerCheckpoint whole) {
        var rows = StepRows.of(take(step, groups, whole), TrainerSettings.rows(config));
        var rate = TrainerSettings.learningRate(config).at(step.getStep());
        var optimiser = TrainerSettings.optimiser(config.trainer()).withLearningRate(rate);
        update.update(rows.rows(), optimiser, step.getStep());
        groups.forget(step.getDroppedRequestIds().stream()
                .map(entry -> DroppedRequest.parse(entry).requestId())
                .toList());
    }

    private static List<ScoredGroup> take(TrainingStep step, RecordedGroups groups, TrainerCheckpoint whole) {
        try {
            return groups.take(step.getRequestIds());
        } catch (BadInputException e) {
            throw new BadInputException(
                    "step %d cannot be trained again to continue %s: its rollouts are gone from the topic of scored rollouts; lower trainer.checkpoint-optimiser-every or keep the topic longer, and start a new run with --fresh"
                            .formatted(step.getStep(), whole.folder()),
                    e);
        }
    }

    /** Records up to where the topic ends now. */
    private static Supplier<Optional<Event<ScoredRollout>>> records(EventConsumer<ScoredRollout> consumer) {
        var ends = consumer.endOffsets();
        Deque<Event<ScoredRollout>> read = new ArrayDeque<>();
        return () -> {
            while (read.isEmpty() && consumer.isBefore(ends)) {
                read.addAll(consumer.poll(POLL));
            }
            return Optional.ofNullable(read.poll());
        };
    }
}
