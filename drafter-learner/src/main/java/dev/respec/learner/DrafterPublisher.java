package dev.respec.learner;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.artefacts.StoredArtefact;
import dev.respec.learner.state.Announcements;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.FolderTree;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** Puts drafters where workers fetch them, and announces rounds. */
final class DrafterPublisher implements AutoCloseable {
    private final ArtefactStore artefacts;
    private final EventProducer producer;
    private final String runId;
    private final int keep;

    /** @param keep newest versions whose files stay */
    DrafterPublisher(ArtefactStore artefacts, EventProducer producer, String runId, int keep) {
        this.artefacts = artefacts;
        this.producer = producer;
        this.runId = runId;
        this.keep = keep;
    }

    /**
     * Stores the files of a version, without the embeddings, which every reader has from the drafter or the policy that
     * the run began with. Nobody reads them before the version is announced.
     */
    StoredArtefact store(Eagle3Checkpoint drafter, long version) {
        try {
            var folder = Files.createTempDirectory("drafter");
            try {
                drafter.withoutEmbeddings().write(folder);
                return artefacts.put(name(version), folder);
            } finally {
                FolderTree.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("drafter version " + version + " cannot be stored", e);
        }
    }

    /** Sends a round's events, the weights first, and returns when they are durable. */
    void announce(Announcements announcements) {
        announcements.update().ifPresent(this::send);
        send(announcements.step());
    }

    /** After a restart: sends those of the last round's events that the topics lack. */
    void sendMissing(Announcements announcements, WeightTopic weights, EventLog events) {
        announcements
                .update()
                .filter(update -> weights.drafter()
                        .map(known -> known.getVersion() < update.getVersion())
                        .orElse(true))
                .ifPresent(this::send);
        var step = announcements.step();
        boolean sent = events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(event -> event.requireValue())
                .anyMatch(known -> known.getRunId().equals(runId)
                        && known.getRole() == WeightRole.DRAFTER
                        && known.getStep() == step.getStep());
        if (!sent) {
            send(step);
        }
    }

    private void send(WeightUpdate update) {
        producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "drafter", update);
        if (update.getVersion() > keep) {
            artefacts.delete(name(update.getVersion() - keep));
        }
    }

    private void send(TrainingStep step) {
        producer.sendAndWait(TopicCatalogue.TRAINING_STEPS, runId, step);
    }

    private String name(long version) {
        return "drafter/%s/%06d".formatted(runId, version);
    }

    @Override
    public void close() {
        producer.close();
    }
}
