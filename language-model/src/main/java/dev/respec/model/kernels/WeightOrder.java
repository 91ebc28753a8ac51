package dev.respec.model.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** The order in which kernels take a checkpoint's tensors; absent ones are passed as empty arrays. */
public final class WeightOrder {
    /** Tensors of one layer. */
    public static final int PER_LAYER = 14;

    private static final List<String> LAYER = List.of(
            "input_layernorm.weight",
            "self_attn.q_proj.weight",
            "self_attn.k_proj.weight",
            "self_attn.v_proj.weight",
            "self_attn.q_proj.bias",
            "self_attn.k_proj.bias",
            "self_attn.v_proj.bias",
            "self_attn.o_proj.weight",
            "self_attn.q_norm.weight",
            "self_attn.k_norm.weight",
            "post_attention_layernorm.weight",
            "mlp.gate_proj.weight",
            "mlp.up_proj.weight",
            "mlp.down_proj.weight");

    private WeightOrder() {}

    /** Names in kernel order, whether the checkpoint has them or not. */
    public static List<String> names(ModelConfig config) {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String name : LAYER) {
                names.add("model.layers." + layer + "." + name);
            }
        }
        names.add("model.embed_tokens.weight");
        names.add("model.norm.weight");
        names.add("lm_head.weight");
        return names;
    }

    /** Arrays in kernel order, float32, owned by the manager. */
    public static List<NDArray> arrays(Checkpoint checkpoint, NDManager manager) {
        return arrays(checkpoint, manager, 0, names(checkpoint.config()).size());
    }

    /** The arrays from one place of the order to before another. */
    public static List<NDArray> arrays(Checkpoint checkpoint, NDManager manager, int from, int to) {
        return arrays(checkpoint, from, to, manager, NativeArrays::of);
    }

    /** As {@link #arrays}, with bfloat16 matrices as they are stored, see {@link NativeArrays#stored}. */
    public static List<NDArray> stored(Checkpoint checkpoint, NDManager manager, int from, int to) {
        return arrays(
                checkpoint,
                from,
                to,
                manager,
                (owner, tensor) -> tensor.shape().length > 1
                        ? NativeArrays.stored(owner, tensor)
                        : NativeArrays.of(owner, tensor));
    }

    private static List<NDArray> arrays(
            Checkpoint checkpoint,
            int from,
            int to,
            NDManager manager,
            BiFunction<NDManager, HostTensor, NDArray> array) {
        List<NDArray> arrays = new ArrayList<>();
        for (String name : names(checkpoint.config()).subList(from, to)) {
            HostTensor tensor = checkpoint.tensors().get(name);
            boolean tied = name.equals("lm_head.weight") && checkpoint.config().tiedEmbeddings();
            if (tensor == null || tied) {
                arrays.add(NativeArrays.of(manager, new float[0]));
            } else {
                arrays.add(array.apply(manager, tensor));
            }
        }
        return arrays;
    }
}
