package dev.respec.trainer.checkpoint;

import dev.respec.model.training.TrainableModel;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A complete checkpoint on disk.
 *
 * @param folder where it lies
 * @param weightUpdate the event of these weights; of an earlier step if this one had no signal. Published after the
 *     checkpoint was written, so perhaps not yet
 * @param trainingStep likewise; absent at step 0
 */
public record TrainerCheckpoint(
        Path folder, TrainerState state, WeightUpdate weightUpdate, Optional<TrainingStep> trainingStep) {
    /** Version of the weights: the steps that changed them. */
    public long version() {
        return weightUpdate.getVersion();
    }

    /** The policy as a Hugging Face directory. */
    public Path policyFolder() {
        return policyFolder(folder);
    }

    /** Weights and optimiser state, bit for bit; there if the checkpoint {@link #isWhole} and is not the first. */
    public Path optimiserFile() {
        return optimiserFile(folder);
    }

    /** Whether training can go on from it alone. The first checkpoint needs no more than its weights. */
    public boolean isWhole() {
        return isWhole(folder, state.step());
    }

    /** Gives a model the state of this checkpoint, which is whole. */
    public void restore(TrainableModel model) {
        if (Files.exists(optimiserFile())) {
            model.restore(optimiserFile());
        }
    }

    static boolean isWhole(Path folder, long step) {
        return step == 0 || Files.exists(optimiserFile(folder));
    }

    static Path policyFolder(Path folder) {
        return folder.resolve("policy");
    }

    static Path optimiserFile(Path folder) {
        return folder.resolve("optimiser.safetensors");
    }
}
