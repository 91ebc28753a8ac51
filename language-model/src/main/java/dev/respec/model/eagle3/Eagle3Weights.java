package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.kernels.NativeArrays;
import java.util.ArrayList;
import java.util.List;

/** A drafter's tensors in the order its kernels take them. */
final class Eagle3Weights {
    private Eagle3Weights() {}

    /** float32, owned by the manager. */
    static List<NDArray> parameters(Eagle3Checkpoint checkpoint, NDManager manager) {
        List<NDArray> arrays = new ArrayList<>();
        for (String name : checkpoint.parameterNames()) {
            arrays.add(NativeArrays.of(manager, checkpoint.tensor(name)));
        }
        return arrays;
    }

    /** Embeddings [V, h] float32, target ids [Vd] int64, inverse frequencies [headDimension / 2] float32. */
    static List<NDArray> fixed(Eagle3Checkpoint checkpoint, HostTensor embeddings, NDManager manager) {
        var config = checkpoint.config();
        return List.of(
                NativeArrays.of(manager, embeddings),
                NativeArrays.of(manager, checkpoint.targetIds()),
                NativeArrays.of(manager, config.rope().inverseFrequencies(config.headDimension())));
    }
}
