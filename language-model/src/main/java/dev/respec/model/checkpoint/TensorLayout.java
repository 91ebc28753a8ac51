package dev.respec.model.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of the tensors of a model, as Hugging Face stores them; linear weights are [out, in]. */
final class TensorLayout {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";

    /** Buffers that exporters store beside the weights; a decoder computes them or does without. */
    private static final List<String> BUFFERS = List.of(
            "rotary_emb.inv_freq",
            "rotary_emb.cos_cached",
            "rotary_emb.sin_cached",
            "self_attn.bias",
            "self_attn.masked_bias",
            "self_attn.causal_mask",
            "causal_mask",
            "position_ids");

    private TensorLayout() {}

    /** The name of a tensor that an exporter stored without the prefix {@code model.}. */
    static String publicName(String stored) {
        boolean bare =
                stored.startsWith("layers.") || stored.startsWith("embed_tokens.") || stored.equals("norm.weight");
        return bare ? "model." + stored : stored;
    }

    static boolean isBuffer(String name) {
        return BUFFERS.stream().anyMatch(buffer -> name.equals(buffer) || name.endsWith("." + buffer));
    }

    static Map<String, long[]> shapes(ModelConfig config) {
        var shapes = new LinkedHashMap<String, long[]>();
        long hidden = config.hiddenSize();
        shapes.put(EMBEDDING, shape(config.vocabularySize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            putLayer(shapes, "model.layers." + layer + ".", config);
        }
        shapes.put("model.norm.weight", shape(hidden));
        if (!config.tiedEmbeddings()) {
            shapes.put(HEAD, shape(config.vocabularySize(), hidden));
        }
        return shapes;
    }

    private static void putLayer(Map<String, long[]> shapes, String prefix, ModelConfig config) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        long queries = (long) config.heads() * config.headDimension();
        long keys = (long) config.keyValueHeads() * config.headDimension();
        shapes.put(prefix + "input_layernorm.weight", shape(hidden));
        shapes.put(prefix + "self_attn.q_proj.weight", shape(queries, hidden));
        shapes.put(prefix + "self_attn.k_proj.weight", shape(keys, hidden));
        shapes.put(prefix + "self_attn.v_proj.weight", shape(keys, hidden));
        if (config.queryKeyValueBias()) {
            shapes.put(prefix + "self_attn.q_proj.bias", shape(queries));
            shapes.put(prefix + "self_attn.k_proj.bias", shape(keys));
            shapes.put(prefix + "self_attn.v_proj.bias", shape(keys));
        }
        if (config.queryKeyNorm()) {
            shapes.put(prefix + "self_attn.q_norm.weight", shape(config.headDimension()));
            shapes.put(prefix + "self_attn.k_norm.weight", shape(config.headDimension()));
        }
        shapes.put(prefix + "self_attn.o_proj.weight", shape(hidden, queries));
        if (config.outputBias()) {
            shapes.put(prefix + "self_attn.o_proj.bias", shape(hidden));
        }
        shapes.put(prefix + "post_attention_layernorm.weight", shape(hidden));
        shapes.put(prefix + "mlp.gate_proj.weight", shape(inner, hidden));
        shapes.put(prefix + "mlp.up_proj.weight", shape(inner, hidden));
        shapes.put(prefix + "mlp.down_proj.weight", shape(hidden, inner));
    }

    private static long[] shape(long... dimensions) {
        return dimensions;
    }
}
