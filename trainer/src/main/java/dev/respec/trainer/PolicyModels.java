package dev.respec.trainer;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Torch;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import dev.respec.model.training.ReferencePolicy;
import dev.respec.model.training.TrainableModel;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The models of a run: the policy in training, all of it or an adapter, and the one it is held to. */
final class PolicyModels {
    private PolicyModels() {}

    /** @param latest whole checkpoint to go on from */
    static TrainableModel load(RespecConfig config, Optional<TrainerCheckpoint> latest) {
        Torch.useDevice(config.trainerDevice().resolve(ComputeDevice::of));
        var folder = latest.map(TrainerCheckpoint::policyFolder)
                .orElseGet(() -> Path.of(config.model().policy()));
        // The folder of a step is deleted after some more steps; the run's first policy stays.
        var tokenizerFolder = latest.isPresent() ? TrainerStage.initialFolder(config) : folder;
        var model = config.trainer().lora().rank() == 0
                ? TrainableModel.load(
                        Checkpoint.read(folder).withSource(tokenizerFolder),
                        config.trainer().threads())
                : adapted(config, latest.isPresent() ? TrainerStage.initialFolder(config) : folder);
        if (config.trainer().gradientCheckpointing()) {
            model.recomputeActivations();
        }
        latest.ifPresent(checkpoint -> checkpoint.restore(model));
        return model;
    }

    /** @param folder the policy that the run began with: an adapter is a change of that one */
    private static TrainableModel adapted(RespecConfig config, Path folder) {
        var lora = config.trainer().lora();
        var base = Checkpoint.read(folder);
        var shape = new LoraConfig(lora.rank(), lora.alpha(), LoraConfig.Scaling.RANK);
        var fresh = LoraAdapter.fresh(
                base, shape, lora.targetModules(), config.run().seed());
        return TrainableModel.loadAdapted(
                base, fresh, lora.dropout(), config.trainer().threads());
    }

    /** The policy and, if one was trained, its adapter beside it. */
    static void export(TrainableModel model, Path folder) {
        model.write(folder);
        model.adapter().ifPresent(adapter -> adapter.write(folder.resolve("adapter")));
    }

    /**
     * The policy that divergence is measured from: the base of an adapter, or the run's first policy without gradients.
     * Null if the loss needs none.
     */
    static @Nullable ReferencePolicy reference(RespecConfig config, TrainableModel policy) {
        if (config.trainer().loss().kl() == 0) {
            return null;
        }
        if (policy.adapter().isPresent()) {
            return ReferencePolicy.baseOf(policy);
        }
        var initial = TrainerStage.initialFolder(config);
        var origin = Files.exists(initial) ? Checkpoint.read(initial) : policy.checkpoint();
        return ReferencePolicy.frozen(origin, config.trainer().threads());
    }
}
