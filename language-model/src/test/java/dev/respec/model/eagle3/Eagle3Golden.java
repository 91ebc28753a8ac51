package dev.respec.model.eagle3;

import ai.djl.ndarray.NDManager;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.kernels.NativeArrays;
import java.util.Map;

/** The vectors of golden/eagle3, computed with public implementations of drafting and training. */
record Eagle3Golden(
        Checkpoint target, Eagle3Checkpoint drafter, HostTensor embeddings, Map<String, HostTensor> expected) {

    static Eagle3Golden of(String drafter) {
        var target = Checkpoint.read(Golden.path("eagle3/target"));
        var checkpoint = Eagle3Checkpoint.read(Golden.path("eagle3/" + drafter));
        return new Eagle3Golden(
                target,
                checkpoint,
                checkpoint.embeddings(target),
                Safetensors.open(Golden.path("eagle3/" + drafter + "/expected.safetensors"))
                        .tensors());
    }

    HostTensor tensor(String name) {
        var tensor = expected.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no golden tensor " + name);
        }
        return tensor;
    }

    float[] floats(String name) {
        return tensor(name).toFloats();
    }

    /** The training batch; one weight per sequence. */
    DistillationBatch batch(NDManager owner, float... weights) {
        return batch(owner, weights, 1, weights.length, 1);
    }

    /** The training batch, with weights of the given shape. */
    DistillationBatch batch(NDManager owner, float[] weights, long... shape) {
        long[] mask = tensor("train.loss_mask").toLongs();
        float[] counted = new float[mask.length];
        for (int i = 0; i < mask.length; i++) {
            counted[i] = mask[i];
        }
        var ids = tensor("train.input_ids");
        return new DistillationBatch(
                NativeArrays.of(owner, ids.toLongs(), ids.shape()),
                NativeArrays.of(owner, tensor("train.aux_features")),
                NativeArrays.of(owner, tensor("train.target_logits")),
                NativeArrays.of(owner, counted, ids.shape()),
                NativeArrays.of(owner, weights, shape));
    }

    int[] ints(String name) {
        long[] longs = tensor(name).toLongs();
        int[] ints = new int[longs.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) longs[i];
        }
        return ints;
    }

    /** For every prefix token the one after it; the target's greedy choice after the last. */
    int[] nextTokens() {
        int[] prefix = ints("prefix_ids");
        int[] next = new int[prefix.length];
        System.arraycopy(prefix, 1, next, 0, prefix.length - 1);
        next[prefix.length - 1] = ints("next_token")[0];
        return next;
    }
}
