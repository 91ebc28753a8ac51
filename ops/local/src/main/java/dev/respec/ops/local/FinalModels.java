package dev.respec.ops.local;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.report.CardFiles;
import dev.respec.ops.report.RunSummary;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a finished run leaves for others to load: the drafter beside the policy that the trainer wrote, and both cards. */
final class FinalModels {
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
        CardFiles cards = new CardFiles(summary, records, config);
        if (Files.isDirectory(folder.finalPolicy())) {
            cards.writePolicy(folder.finalPolicy());
        }
        if (Files.isDirectory(folder.finalDrafter())) {
            cards.writeDrafter(folder.finalDrafter());
        }
    }
}
