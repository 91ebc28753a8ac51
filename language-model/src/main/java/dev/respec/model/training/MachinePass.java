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

    /** As the module's method of that name. Returns the batch as it was computed. */
    PackedBatch encode(NDManager scope, TokenBatch batch) {
        DenseRows rows = new DenseRows(batch);
        PackedBatch packed = PackedBatch.dense(batch, rows, scope);
        NDArray top = top(scope, packed, rows, Activations.KEPT);
        module.callWithGradient(scope, "encode_top", packed.ids(), packed.rows(), top);
        return packed;
    }

    /** As the module's method of that name; follows {@link #encode}. */
    void finish(NDManager scope) {
        NDArray nothing = NativeArrays.of(scope, new long[1]);
        NDArray gradient = module.callWithGradient(scope, "finish_top", nothing).get(0);
        layers.backward(NativeArrays.floats(gradient));
        module.tell("finish_embeddings", gradient);
    }

    /** As the module's method of that name. */
    BatchOutcome evaluate(NDManager scope, SampledBatch batch) {
        DenseRows rows = new DenseRows(batch.tokens());
        PackedBatch packed = PackedBatch.dense(batch.tokens(), rows, scope);
        NDArray top = top(scope, packed, rows, Activations.FORGOTTEN);
        NDList scores =
                module.call(scope, "evaluate_top", top, packed.rows(), packed.targets(), 1 / batch.temperature());
        return packed.outcome(scores, packed.whole());
    }

    /** The last layer's output, [N, hidden]. */
    private NDArray top(NDManager scope, PackedBatch packed, DenseRows rows, Activations activations) {
        NDArray embedded = module.call(scope, "embeddings", packed.ids()).get(0);
        layers.forward(NativeArrays.floats(embedded), rows.segments(), activations);
        return embedded;
    }

    @Override
    public void close() {
        layers.close();
    }
}
