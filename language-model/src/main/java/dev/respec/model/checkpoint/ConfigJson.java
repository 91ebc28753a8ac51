package dev.respec.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * config.json in both styles: {@code rope_theta} / {@code rope_scaling} / {@code torch_dtype} and
 * {@code rope_parameters} / {@code dtype}. Written in the older one, which every loader understands. Absent fields take
 * the family's defaults in transformers.
 */
final class ConfigJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int NO_TOKEN = -1;
    static final Set<String> ACTIVATIONS = Set.of("silu", "swish");

    private ConfigJson() {}

    static ModelConfig read(Path directory) {
        var config = JsonFields.read(directory.resolve("config.json"));
        var family = family(config);
        refuseUnsupported(config);
        if (family != ModelFamily.QWEN2) {
            config.requireFalse("attention_bias"); // it would put a bias on o_proj, which no kernel adds
        }
        int heads = config.integer("num_attention_heads");
        int hidden = config.integer("hidden_size");
        boolean attentionBias = config.flag("attention_bias", false);
        int layers = config.integer("num_hidden_layers");
        int maxPositions = config.integer("max_position_embeddings", family == ModelFamily.LLAMA ? 2048 : 32_768);
        if (family != ModelFamily.LLAMA) { // transformers' Llama has no sliding window, whatever its config says
            AttentionWindow.requireNone(config, layers, maxPositions);
        }
        try {
            return new ModelConfig(
                    family,
                    config.integer("vocab_size"),
                    hidden,
                    config.integer("intermediate_size"),
                    layers,
                    heads,
                    config.integer("num_key_value_heads", heads),
                    config.integer("head_dim", family == ModelFamily.QWEN3 ? 128 : hidden / Math.max(1, heads)),
                    config.number("rms_norm_eps", 1e-6),
                    RopeJson.read(config, maxPositions),
                    config.flag("tie_word_embeddings", false),
                    family == ModelFamily.QWEN2 || attentionBias,
                    family != ModelFamily.QWEN2 && attentionBias,
                    maxPositions,
                    stopTokens(directory, config));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s: %s".formatted(config.file(), e.getMessage()), e);
        }
    }

    static void write(Path directory, ModelConfig config, ElementType stored) {
        var json = JSON.createObjectNode();
        json.putArray("architectures").add(config.family().architecture());
        json.put("model_type", config.family().modelType());
        json.put("vocab_size", config.vocabularySize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headDimension());
        json.put("hidden_act", "silu");
        json.put("rms_norm_eps", config.rmsNormEpsilon());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("tie_word_embeddings", config.tiedEmbeddings());
        if (config.family() != ModelFamily.QWEN2) {
            json.put("attention_bias", config.queryKeyValueBias());
        }
        RopeJson.write(json, config.rope());
        writeStopTokens(json, config.stopTokens());
        json.put("torch_dtype", stored.torchName());
        json.put("use_cache", true);
        AtomicFiles.write(
                directory.resolve("config.json"), json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    private static ModelFamily family(JsonFields config) {
        var modelType = config.text("model_type");
        return ModelFamily.ofModelType(modelType)
                .orElseThrow(() -> config.refuse("model_type", "qwen2, qwen3 or llama", modelType));
    }

    private static void refuseUnsupported(JsonFields config) {
        var activation = config.text("hidden_act", "silu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.refuse("hidden_act", "silu", activation);
        }
        config.requireFalse("mlp_bias");
        config.requireAbsent("quantization_config", "unquantised weights");
    }

    /** generation_config.json wins over config.json, as in transformers' generate; -1 stands for none. */
    private static List<Integer> stopTokens(Path directory, JsonFields config) {
        var generation = directory.resolve("generation_config.json");
        List<Integer> tokens =
                Files.exists(generation) ? JsonFields.read(generation).integers("eos_token_id") : List.of();
        if (tokens.isEmpty()) {
            tokens = config.integers("eos_token_id");
        }
        return tokens.stream().filter(token -> token != NO_TOKEN).toList();
    }

    private static void writeStopTokens(ObjectNode json, List<Integer> tokens) {
        if (tokens.isEmpty()) {
            json.putNull("eos_token_id");
        } else if (tokens.size() == 1) {
            json.put("eos_token_id", tokens.get(0));
        } else {
            var array = json.putArray("eos_token_id");
            tokens.forEach(array::add);
        }
    }

    static JsonNode parse(Path file, byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new CheckpointException("%s: not JSON: %s".formatted(file, CheckpointException.firstLine(e)), e);
        }
    }
}
