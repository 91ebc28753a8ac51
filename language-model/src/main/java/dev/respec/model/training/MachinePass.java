package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.training.MachineLayers.Activations;

/** A micro-batch's way through a scripted module whose layers are computed in machine code, on the module's own tensors. */
final class MachinePass implements AutoCloseable {
    private final ScriptedModule module;
    private final MachineLayers layers;

    MachinePass(ModelConfig config, ScriptedModule module) {
        this.module = module;
        NDManager kept = module.manager();
        layers = new MachineLayers(config, module.call(kept, "held"), module.call(kept, "gradients"));
    }

    /** As the module's method of that name. */
    void encode(NDManager scope, PackedBatch packed) {
        NDArray top = top(scope, packed, Activations.KEPT);
        module.callWithGradient(scope, "encode_top", packed.ids(), packed.rows(), top);
    }

    /** As the module's method of that name; follows {@link #encode}. */
    void finish(NDManager scope) {
        NDArray nothing = NativeArrays.of(scope, new long[1]);
        NDArray gradient =
                module.callWithGradient(scope, "finish_top", nothing).get(0);
        layers.backward(NativeArrays.floats(gradient));
        module.tell("finish_embeddings", gradient);
    }

    /** As the module's method of that name. */
    NDList evaluate(NDManager scope, PackedBatch packed, double inverseTemperature) {
        NDArray top = top(scope, packed, Activations.FORGOTTEN);
        return module.call(scope, "evaluate_top", top, packed.rows(), packed.targets(), inverseTemperature);
    }

    /** The last layer's output, [B, T, hidden]. */
    private NDArray top(NDManager scope, PackedBatch packed, Activations activations) {
        TokenBatch batch = packed.batch();
        NDArray rows = module.call(scope, "embeddings", packed.ids()).get(0);
        layers.forward(NativeArrays.floats(rows), batch.rows(), batch.width(), activations);
        return rows;
    }

    @Override
    public void close() {
        layers.close();
    }
}
