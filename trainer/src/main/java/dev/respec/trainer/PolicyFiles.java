package dev.respec.trainer;

import dev.respec.model.training.TrainableModel;
import dev.respec.stage.FolderTree;
import dev.respec.trainer.checkpoint.CheckpointFolder;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes the policy in training. A file that is on the disk already, such as the tokenizer of the run's first policy, is
 * linked and not written again.
 */
final class PolicyFiles implements CheckpointFolder.ModelWriter {
    private final TrainableModel model;
    private final Path initialFolder;

    /** @param initialFolder the policy that the run started with */
    PolicyFiles(TrainableModel model, Path initialFolder) {
        this.model = model;
        this.initialFolder = initialFolder;
    }

    @Override
    public void writePolicy(Path folder) {
        if (model.steps() == 0) {
            linkMissing(initialFolder, folder);
        } else if (model.adapter().isPresent()) {
            // the base is every process's model.policy and does not travel again
            model.adapter().get().write(folder);
        } else {
            model.writeWeights(folder);
            linkMissing(initialFolder, folder);
        }
    }

    @Override
    public void writeOptimiser(Path optimiserFile) {
        model.save(optimiserFile);
    }

    /** The writer after a step that left the weights as they were in the checkpoint before. */
    CheckpointFolder.ModelWriter unchanged(Optional<TrainerCheckpoint> before) {
        if (before.isEmpty()) {
            return this;
        }
        var written = before.get().policyFolder();
        return new CheckpointFolder.ModelWriter() {
            @Override
            public void writePolicy(Path folder) {
                linkMissing(written, folder);
            }

            @Override
            public void writeOptimiser(Path optimiserFile) {
                model.save(optimiserFile);
            }
        };
    }

    /** Whether both folders hold the same weights, bit for bit. */
    static boolean sameWeights(Path folder, Path other) throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.endsWith(".safetensors") && Files.mismatch(file, other.resolve(name)) >= 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Links the files that the target does not have, those of sub-folders too. */
    private static void linkMissing(Path source, Path target) {
        try (var paths = Files.walk(source)) {
            for (var path : paths.toList()) {
                var name = target.resolve(source.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(name);
                } else if (!Files.exists(name)) {
                    FolderTree.link(path, name);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(source + ": cannot be linked to " + target + ": " + e.getMessage(), e);
        }
    }
}
