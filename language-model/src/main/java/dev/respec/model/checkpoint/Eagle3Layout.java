package dev.respec.model.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of an EAGLE-3 drafter's tensors in the public format; linear weights are [out, in]. */
final class Eagle3Layout {
    static final String EMBEDDINGS = "embed_tokens.weight";
    static final String DRAFT_TO_TARGET = "d2t";
    static final String TARGET_TO_DRAFT = "t2d";
    private static final String LAYER = "midlayer.";

    private Eagle3Layout() {}

    /** What is trained, in the order kernels take it. */
    static Map<String, long[]> parameters(Eagle3Config config) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        long queries = (long) config.heads() * config.headDimension();
        long keys = (long) config.keyValueHeads() * config.headDimension();
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put("fc.weight", shape(hidden, 3L * config.targetHiddenSize()));
        shapes.put(LAYER + "self_attn.q_proj.weight", shape(queries, 2 * hidden));
        shapes.put(LAYER + "self_attn.k_proj.weight", shape(keys, 2 * hidden));
        shapes.put(LAYER + "self_attn.v_proj.weight", shape(keys, 2 * hidden));
        shapes.put(LAYER + "self_attn.o_proj.weight", shape(hidden, queries));
        shapes.put(LAYER + "mlp.gate_proj.weight", shape(inner, hidden));
        shapes.put(LAYER + "mlp.up_proj.weight", shape(inner, hidden));
        shapes.put(LAYER + "mlp.down_proj.weight", shape(hidden, inner));
        for (var norm : List.of("input_layernorm", "hidden_norm", "post_attention_layernorm")) {
            shapes.put(LAYER + norm + ".weight", shape(hidden));
        }
        shapes.put("norm.weight", shape(hidden));
        shapes.put("lm_head.weight", shape(config.draftVocabularySize(), hidden));
        return shapes;
    }

    /** The public name of a tensor that other exporters call {@code model.…} or {@code layers.0.…}. */
    static String publicName(String stored) {
        var name = stored.startsWith("model.") ? stored.substring("model.".length()) : stored;
        return name.startsWith("layers.0.") ? LAYER + name.substring("layers.0.".length()) : name;
    }

    private static long[] shape(long... dimensions) {
        return dimensions;
    }
}
