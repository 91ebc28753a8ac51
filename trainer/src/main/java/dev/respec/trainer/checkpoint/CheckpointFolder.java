package dev.respec.trainer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The checkpoints of one run.
 *
 * <p>A checkpoint is written under another name, forced to disk and renamed; {@code latest} names the newest complete one
 * and is replaced after that. A crash at any moment leaves the checkpoint before or the new one.
 */
public final class CheckpointFolder {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final Pattern STEP = Pattern.compile("step-(\\d+)");
    private static final String LATEST = "latest";
    private static final String STATE = "state.json";
    private static final String WEIGHT_UPDATE = "weight-update.avro";
    private static final String TRAINING_STEP = "training-step.avro";

    private final Path root;
    private final int keep;
    private final int keepEvery;

    /**
     * A folder of checkpoints.
     *
     * @param keep newest checkpoints that are kept
     * @param keepEvery steps between checkpoints that are kept for good; 0 keeps none
     */
    public CheckpointFolder(Path root, int keep, int keepEvery) {
        this.root = root;
        this.keep = keep;
        this.keepEvery = keepEvery;
    }

    /** The newest complete checkpoint; empty where there is none. */
    public Optional<TrainerCheckpoint> latest() {
        var pointer = root.resolve(LATEST);
        if (!Files.exists(pointer)) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(root.resolve(Files.readString(pointer).strip())));
        } catch (IOException e) {
            throw new CheckpointException(pointer + ": names a checkpoint that cannot be read: " + e.getMessage(), e);
        }
    }

    private static TrainerCheckpoint read(Path folder) throws IOException {
        var state = JSON.readValue(folder.resolve(STATE).toFile(), TrainerState.class);
        var update = EventFile.read(folder.resolve(WEIGHT_UPDATE), WeightUpdate.class);
        var stepFile = folder.resolve(TRAINING_STEP);
        Optional<TrainingStep> step =
                Files.exists(stepFile) ? Optional.of(EventFile.read(stepFile, TrainingStep.class)) : Optional.empty();
        return new TrainerCheckpoint(folder, state, update, step);
    }

    /** Writes the model's part of a checkpoint. */
    public interface ModelWriter {
        /**
         * Writes the policy.
         *
         * @param policyFolder receives a Hugging Face directory
         */
        void writePolicy(Path policyFolder);

        /** Writes weights and optimiser state into a file. */
        void writeOptimiser(Path optimiserFile);
    }

    /** A checkpoint under way: its policy is written, the rest follows with {@link #commit}. */
    public final class Draft {
        private final Path folder;
        private final ModelWriter model;

        private Draft(Path folder, ModelWriter model) {
            this.folder = folder;
            this.model = model;
        }

        /** The policy's files, readable before the checkpoint is complete. */
        public Path policyFolder() {
            return TrainerCheckpoint.policyFolder(folder);
        }

        /** Completes the checkpoint; when this returns, it survives a crash. */
        public TrainerCheckpoint commit(
                TrainerState state, WeightUpdate weightUpdate, Optional<TrainingStep> trainingStep) {
            try {
                model.writeOptimiser(TrainerCheckpoint.optimiserFile(folder));
                JSON.writeValue(folder.resolve(STATE).toFile(), state);
                EventFile.write(folder.resolve(WEIGHT_UPDATE), weightUpdate);
                if (trainingStep.isPresent()) {
                    EventFile.write(folder.resolve(TRAINING_STEP), trainingStep.get());
                }
                var target = root.resolve("step-%06d".formatted(state.step()));
                DurableFolder.force(folder);
                FolderTree.delete(target);
                Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
                point(target);
                prune(state.step());
                return new TrainerCheckpoint(target, state, weightUpdate, trainingStep);
            } catch (IOException | UncheckedIOException | CheckpointException e) {
                throw notWritten(e);
            }
        }
    }

    /**
     * Starts a checkpoint and writes the policy.
     *
     * @throws CheckpointNotWrittenException where it cannot; so does {@link Draft#commit}
     */
    public Draft begin(ModelWriter model) {
        var folder = root.resolve(".draft");
        try {
            Files.createDirectories(root);
            FolderTree.delete(folder);
            Files.createDirectories(TrainerCheckpoint.policyFolder(folder));
            model.writePolicy(TrainerCheckpoint.policyFolder(folder));
            return new Draft(folder, model);
        } catch (IOException | UncheckedIOException | CheckpointException e) {
            throw notWritten(e);
        }
    }

    private CheckpointNotWrittenException notWritten(Exception cause) {
        return new CheckpointNotWrittenException(
                "checkpoint in %s cannot be written, the one before is intact: %s".formatted(root, cause.getMessage()),
                cause);
    }

    private void point(Path target) throws IOException {
        var next = root.resolve("." + LATEST);
        Files.writeString(next, target.getFileName() + "\n");
        DurableFolder.forceFile(next);
        Files.move(next, root.resolve(LATEST), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFolder.forceFile(root);
    }

    private void prune(long newest) throws IOException {
        try (var folders = Files.list(root)) {
            for (var folder : folders.toList()) {
                var name = STEP.matcher(folder.getFileName().toString());
                if (name.matches() && superfluous(Long.parseLong(name.group(1)), newest)) {
                    FolderTree.delete(folder);
                }
            }
        }
    }

    private boolean superfluous(long step, long newest) {
        var keptForGood = keepEvery > 0 && step % keepEvery == 0;
        return step <= newest - keep && !keptForGood;
    }
}
