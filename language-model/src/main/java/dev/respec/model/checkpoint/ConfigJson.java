package dev.respec.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.checkpoint.RopeConfig.Llama3Scaling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * config.json in both styles: {@code rope_theta} / {@code rope_scaling} / {@code torch_dtype} and
 * {@code rope_parameters} / {@code dtype}. Written in the older one, which every loader understands. Absent fields take
 * the family's defaults in transformers.
 */
final class ConfigJson {
    private static final JsonMapper JSON = new JsonMapper();
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
        try {
            return new ModelConfig(
                    family,
                    config.integer("vocab_size"),
                    hidden,
                    config.integer("intermediate_size"),
                    config.integer("num_hidden_layers"),
                    heads,
                    config.integer("num_key_value_heads", heads),
                    config.integer("head_dim", family == ModelFamily.QWEN3 ? 128 : hidden / Math.max(1, heads)),
                    config.number("rms_norm_eps", 1e-6),
                    rope(config),
                    config.flag("tie_word_embeddings", false),
                    family == ModelFamily.QWEN2 || attentionBias,
                    family != ModelFamily.QWEN2 && attentionBias,
                    config.integer("max_position_embeddings", family == ModelFamily.LLAMA ? 2048 : 32_768),
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
        writeRope(json, config.rope());
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
        config.requireFalse("use_sliding_window");
        config.requireFalse("mlp_bias");
        config.requireAbsent("quantization_config", "unquantised weights");
        for (var type : config.node("layer_types")) {
            if (!type.asText().equals("full_attention")) {
                throw config.refuse("layer_types", "full_attention in every layer", type.asText());
            }
        }
    }

    static RopeConfig rope(JsonFields config) {
        var parameters = config.object("rope_parameters");
        var scaling = parameters != null ? parameters : config.object("rope_scaling");
        double theta = config.number("rope_theta", 10_000);
        if (parameters != null) {
            theta = parameters.number("rope_theta", theta);
        }
        if (config.number("partial_rotary_factor", 1) != 1) {
            throw config.refuse(
                    "partial_rotary_factor",
                    "1",
                    config.node("partial_rotary_factor").toString());
        }
        return new RopeConfig(theta, scaling == null ? null : llama3(scaling));
    }

    private static @Nullable Llama3Scaling llama3(JsonFields scaling) {
        var type = scaling.text("rope_type", scaling.text("type", "default"));
        return switch (type) {
            case "default" -> null;
            case "llama3" ->
                new Llama3Scaling(
                        scaling.number("factor"),
                        scaling.number("low_freq_factor"),
                        scaling.number("high_freq_factor"),
                        scaling.integer("original_max_position_embeddings"));
            default -> throw scaling.refuse("rope_type", "default or llama3", type);
        };
    }

    /** generation_config.json wins over config.json, as in transformers' generate. */
    private static List<Integer> stopTokens(Path directory, JsonFields config) {
        var generation = directory.resolve("generation_config.json");
        if (Files.exists(generation)) {
            var tokens = JsonFields.read(generation).integers("eos_token_id");
            if (!tokens.isEmpty()) {
                return tokens;
            }
        }
        return config.integers("eos_token_id");
    }

    static void writeRope(ObjectNode json, RopeConfig rope) {
        json.put("rope_theta", rope.theta());
        var scaling = rope.scaling();
        if (scaling == null) {
            json.putNull("rope_scaling");
            return;
        }
        json.putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", scaling.factor())
                .put("low_freq_factor", scaling.lowFrequencyFactor())
                .put("high_freq_factor", scaling.highFrequencyFactor())
                .put("original_max_position_embeddings", scaling.originalMaxPositions());
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
            throw new CheckpointException("%s: not JSON: %s".formatted(file, firstLine(e)), e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
