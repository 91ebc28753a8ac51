package dev.respec.ops.local;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.report.BaseCard;
import dev.respec.ops.report.ModelCard;
import dev.respec.ops.report.RunSummary;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a finished run leaves for others to load: the drafter beside the policy that the trainer wrote, and both cards. */
final class FinalModels {
    private static final String CARD = "README.md";

    private final RespecConfig config;
    private final DataFolder folder;

    FinalModels(RespecConfig config) {
        this.config = config;
        this.folder = new DataFolder(config.run().dataDir());
    }

    /**
     * Writes the newest drafter in the public EAGLE-3 format. An update travels without embeddings; it goes with those that
     * it was trained with, since the final policy's are others.
     */
    Optional<Path> writeDrafter(RunRecords records) {
        if (config.model().drafter().equals("none")) {
            return Optional.empty();
        }
        Path initial = Path.of(config.model().drafter());
        Checkpoint policy = Checkpoint.read(Path.of(config.model().policy()));
        Eagle3Checkpoint first = Eagle3Checkpoint.read(initial);
        Eagle3Checkpoint newest = records.weightUpdates().stream()
                .filter(update -> update.getRole() == WeightRole.DRAFTER)
                .reduce((earlier, later) -> later)
                .map(this::fetched)
                .orElse(first);
        newest.orEmbeddings(first.embeddings(policy)).write(folder.finalDrafter());
        return Optional.of(folder.finalDrafter());
    }

    private Eagle3Checkpoint fetched(WeightUpdate update) {
        return Eagle3Checkpoint.read(ArtefactStore.of(config).fetch(update, folder.measurements()));
    }

    /** Writes a card into each folder that is there. */
    void writeCards(RunSummary summary, RunRecords records) {
        BaseCard policy = BaseCard.of(Path.of(config.model().policy()));
        try {
            if (Files.isDirectory(folder.finalPolicy())) {
                Files.writeString(
                        folder.finalPolicy().resolve(CARD), ModelCard.policy(summary, records, config, policy));
            }
            if (Files.isDirectory(folder.finalDrafter())) {
                Files.writeString(
                        folder.finalDrafter().resolve(CARD), ModelCard.drafter(summary, records, config, policy));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a model card: " + e.getMessage(), e);
        }
    }
}
