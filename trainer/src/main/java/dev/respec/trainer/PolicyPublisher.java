package dev.respec.trainer;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.FolderTree;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.checkpoint.CheckpointFolder;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import dev.respec.trainer.checkpoint.TrainerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a step's effect durable, exactly once: artefact, then checkpoint, then both events in one transaction.
 *
 * <p>A crash before the checkpoint leaves the step undone; a crash after it leaves events that {@link #republish} finds
 * missing. Owned by the trainer's thread.
 */
final class PolicyPublisher {
    private static final Logger log = LoggerFactory.getLogger(PolicyPublisher.class);

    /** Of the policy's weight updates: the role. */
    private static final String KEY = "policy";

    private final String runId;
    private final CheckpointFolder checkpoints;
    private final PolicyFiles files;
    private final ArtefactStore artefacts;
    private final int keepArtefacts;
    private final EventProducer producer;
    private final StepTraces traces;
    private final Clock clock;

    /**
     * Where artefacts are kept.
     *
     * @param versions newest ones whose files stay
     */
    record Artefacts(ArtefactStore store, int versions) {}

    /**
     * A publisher of one run.
     *
     * @param files of the policy as it is
     */
    PolicyPublisher(
            String runId,
            CheckpointFolder checkpoints,
            PolicyFiles files,
            Artefacts artefacts,
            EventProducer producer,
            StepTraces traces,
            Clock clock) {
        this.runId = runId;
        this.checkpoints = checkpoints;
        this.files = files;
        this.artefacts = artefacts.store();
        this.keepArtefacts = artefacts.versions();
        this.producer = producer;
        this.traces = traces;
        this.clock = clock;
    }

    /** Publishes the policy the run starts with, as version 0. */
    TrainerCheckpoint publishInitial(TrainerState state) {
        var draft = checkpoints.begin(files);
        var update = update(0, 0, draft.policyFolder(), List.of(), Map.of());
        var checkpoint = draft.commit(state, update, Optional.empty());
        send(checkpoint);
        return checkpoint;
    }

    /**
     * Makes a step durable that left the weights as they were: a checkpoint and the step's event, but no artefact and no
     * weight update.
     *
     * @param inForce the update that announced these weights
     */
    void publishUnchanged(TrainerState state, TrainingStep step, WeightUpdate inForce) {
        checkpoints.begin(files.unchanged(checkpoints.latest())).commit(state, inForce, Optional.of(step));
        send(Optional.empty(), Optional.of(step));
    }

    /** A policy whose artefact is written; the step's event is made and made durable next. */
    final class Stored {
        private final CheckpointFolder.Draft draft;
        private final long version;

        private Stored(CheckpointFolder.Draft draft, long version) {
            this.draft = draft;
            this.version = version;
        }

        /** Completes the checkpoint and publishes the events. */
        void publish(TrainerState state, TrainingStep step, WeightUpdate update) {
            send(draft.commit(state, update, Optional.of(step)));
            if (version >= keepArtefacts) {
                artefacts.delete(artefactName(version - keepArtefacts));
            }
        }

        WeightUpdate update(long step, List<SourceOffsets> sources, Map<String, Double> metrics) {
            return PolicyPublisher.this.update(version, step, draft.policyFolder(), sources, metrics);
        }
    }

    /** Writes the policy of a version. */
    Stored store(long version) {
        return new Stored(checkpoints.begin(files), version);
    }

    /**
     * Publishes what a crash left unpublished.
     *
     * @throws BadInputException if the topics are ahead of the checkpoint: going on would make versions twice
     */
    void republish(TrainerCheckpoint checkpoint, EventLog events) {
        artefacts.put(artefactName(checkpoint.version()), checkpoint.policyFolder());
        var version = last(
                events.readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                        .flatMap(event -> Optional.ofNullable(event.value()).stream())
                        .filter(update -> update.getRunId().equals(runId) && update.getRole() == WeightRole.POLICY)
                        .toList(),
                WeightUpdate::getVersion);
        var step = lastStep(events, runId);
        var here = checkpoint.state().step();
        var unsent = Unsent.of(here, checkpoint.version(), version, step);
        if (unsent.ahead()) {
            throw new BadInputException(
                    "run %s is at step %d by its topics, but the newest checkpoint, %s, is of step %d: restore the newer checkpoint, or start a new run with --fresh"
                            .formatted(runId, Math.max(version, step), checkpoint.folder(), here));
        }
        send(
                Optional.of(checkpoint.weightUpdate()).filter(update -> unsent.weightUpdate()),
                checkpoint.trainingStep().filter(event -> unsent.trainingStep()));
    }

    /** The last step of the run's trainer in the topic; -1 if there is none. */
    static long lastStep(EventLog events, String runId) {
        return last(
                events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                        .flatMap(event -> Optional.ofNullable(event.value()).stream())
                        .filter(step -> step.getRunId().equals(runId) && step.getRole() == WeightRole.POLICY)
                        .toList(),
                TrainingStep::getStep);
    }

    private static <V> long last(List<V> events, Function<V, Long> number) {
        return events.stream().mapToLong(number::apply).max().orElse(-1);
    }

    private void send(TrainerCheckpoint checkpoint) {
        send(Optional.of(checkpoint.weightUpdate()), checkpoint.trainingStep());
        log.atDebug()
                .addKeyValue("policyVersion", checkpoint.version())
                .addKeyValue("uri", checkpoint.weightUpdate().getUri())
                .log("Policy is published");
    }

    /** Both events or none. */
    private void send(Optional<WeightUpdate> update, Optional<TrainingStep> step) {
        producer.begin();
        var sent = Stream.concat(
                        update
                                .map(event -> producer.send(
                                        TopicCatalogue.WEIGHT_UPDATES, KEY, event, traces.publication(event)))
                                .stream(),
                        step.map(event -> producer.send(TopicCatalogue.TRAINING_STEPS, runId, event)).stream())
                .toList();
        producer.commit();
        sent.forEach(CompletableFuture::join);
    }

    private WeightUpdate update(
            long version, long step, Path policyFolder, List<SourceOffsets> sources, Map<String, Double> metrics) {
        var stored = artefacts.put(artefactName(version), policyFolder);
        var adapter = LoraAdapter.isIn(policyFolder);
        return WeightUpdate.newBuilder()
                .setRunId(runId)
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(adapter ? 0 : Math.max(version - 1, 0))
                .setFormat(adapter ? WeightFormat.LORA : WeightFormat.FULL)
                .setUri(stored.uri())
                .setFiles(stored.files())
                .setStep(step)
                .setPolicyVersion(version)
                .setSourceOffsets(sources)
                .setMetrics(metrics)
                .setPublishedAt(clock.instant())
                .build();
    }

    private String artefactName(long version) {
        return "policy/%s/%06d".formatted(runId, version);
    }

    /**
     * Gives a checkpoint that the model was trained up to again the optimiser's state.
     *
     * @param checkpoint without one
     */
    void complete(TrainerCheckpoint checkpoint) {
        var again = checkpoint.folder().resolveSibling(".replayed");
        try {
            FolderTree.delete(again);
            Files.createDirectories(again);
            files.writePolicy(again);
            if (!PolicyFiles.sameWeights(again, checkpoint.policyFolder())) {
                log.atWarn()
                        .addKeyValue("checkpoint", checkpoint.folder())
                        .log("Steps trained again gave other weights than before, as after a change of trainer settings"
                                + " or of the machine; training goes on with the new ones");
            }
            FolderTree.delete(again);
        } catch (IOException e) {
            throw new UncheckedIOException(again + ": cannot be written: " + e.getMessage(), e);
        }
        checkpoints.complete(checkpoint, files);
    }
}
