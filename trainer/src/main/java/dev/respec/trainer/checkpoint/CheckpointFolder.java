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
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checkpoints of one run.
 *
 * <p>A checkpoint is written under another name, forced to disk and renamed; {@code latest} names the newest complete one
 * and is replaced after that. A crash at any moment leaves the checkpoint before or the new one. Not every checkpoint has
 * the optimiser's state; the newest that has it stays, with the events of the steps since.
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
    private final int optimiserEvery;

    /**
     * A folder of checkpoints.
     *
     * @param keep newest checkpoints that are kept
     * @param keepEvery steps between checkpoints that are kept for good; 0 keeps none
     * @param optimiserEvery steps between whole checkpoints, those with the optimiser's state
     */
    public CheckpointFolder(Path root, int keep, int keepEvery, int optimiserEvery) {
        this.root = root;
        this.keep = keep;
        this.keepEvery = keepEvery;
        this.optimiserEvery = optimiserEvery;
    }

    /** The newest complete checkpoint; empty if there is none. */
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

    /**
     * The newest whole checkpoint up to this one, then every one after it, this one last. A model is at this checkpoint
     * once it has the whole one's state and has been trained on the steps of the others.
     *
     * @throws CheckpointException naming the checkpoint that is missing
     */
    public List<TrainerCheckpoint> sinceWhole(TrainerCheckpoint checkpoint) {
        var trail = new ArrayDeque<TrainerCheckpoint>(List.of(checkpoint));
        while (!trail.getFirst().isWhole()) {
            var before = folder(trail.getFirst().state().step() - 1);
            try {
                trail.addFirst(read(before));
            } catch (IOException e) {
                throw new CheckpointException(
                        "%s: cannot be read, and %s, which has no optimiser state, continues it: restore it (%s)"
                                .formatted(before, trail.getFirst().folder(), e.getMessage()),
                        e);
            }
        }
        return List.copyOf(trail);
    }

    /** Adds the optimiser's state to a checkpoint that has none. */
    public void complete(TrainerCheckpoint checkpoint, ModelWriter model) {
        try {
            model.writeOptimiser(checkpoint.optimiserFile());
            DurableFolder.force(checkpoint.folder());
            prune(checkpoint.state().step());
        } catch (IOException | UncheckedIOException | CheckpointException e) {
            throw notWritten(e);
        }
    }

    private Path folder(long step) {
        return root.resolve("step-%06d".formatted(step));
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
                if (state.step() > 0 && state.step() % optimiserEvery == 0) {
                    model.writeOptimiser(TrainerCheckpoint.optimiserFile(folder));
                }
                JSON.writeValue(folder.resolve(STATE).toFile(), state);
                EventFile.write(folder.resolve(WEIGHT_UPDATE), weightUpdate);
                if (trainingStep.isPresent()) {
                    EventFile.write(folder.resolve(TRAINING_STEP), trainingStep.get());
                }
                var target = folder(state.step());
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
     * @throws CheckpointNotWrittenException if it cannot; so does {@link Draft#commit}
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
        var steps = steps();
        var whole = steps.stream()
                .filter(step -> step <= newest && TrainerCheckpoint.isWhole(folder(step), step))
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        for (long step : steps) {
            if (step > newest - keep || keptForGood(step)) {
                continue;
            }
            if (step < whole) {
                FolderTree.delete(folder(step));
            } else if (step > whole) {
                FolderTree.delete(TrainerCheckpoint.policyFolder(folder(step))); // its events train the step again
            }
        }
    }

    private boolean keptForGood(long step) {
        return keepEvery > 0 && step % keepEvery == 0;
    }

    private List<Long> steps() throws IOException {
        try (var folders = Files.list(root)) {
            return folders.map(folder -> STEP.matcher(folder.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> Long.parseLong(name.group(1)))
                    .toList();
        }
    }
}
