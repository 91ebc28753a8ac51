package dev.respec.model.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * config.json of a public EAGLE-3 checkpoint. {@code eagle_aux_hidden_state_layer_ids} counts layer outputs, so that one
 * is added to get an index into hidden_states.
 */
final class Eagle3ConfigJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> ARCHITECTURES = Set.of("LlamaForCausalLMEagle3", "LlamaForCausalLM");
    private static final String FEATURE_LAYERS = "eagle_aux_hidden_state_layer_ids";

    /** max_window_layers counts a target's layers; a drafter's only layer has whatever window there is. */
    private static final int ANY_LAYER = Integer.MAX_VALUE;

    /** Fields that are read, and those that change nothing. */
    private static final Set<String> KNOWN = Set.of(
            "architectures",
            "attention_bias",
            "auto_map",
            "bad_words_ids",
            "bos_token_id",
            "eagle_config",
            "eos_token_id",
            FEATURE_LAYERS,
            "id2label",
            "label2id",
            "layer_types",
            "mlp_bias",
            "norm_before_residual",
            "output_attentions",
            "output_hidden_states",
            "pad_token_id",
            "quantization_config",
            "return_dict",
            "rope_parameters",
            "rope_scaling",
            "tie_encoder_decoder",
            "tie_word_embeddings",
            "use_cache",
            "use_return_dict",
            "use_sliding_window");

    /** What some exporters spell out of the architecture that every EAGLE-3 drafter has. */
    private static final List<String> ALWAYS_ON =
            List.of("use_aux_hidden_state", "use_input_layernorm_in_first_layer", "use_last_layernorm");

    private static final Set<String> KNOWN_OF_EAGLE = Set.of(
            FEATURE_LAYERS,
            "next_layer_regular",
            "norm_before_residual",
            "use_aux_hidden_state",
            "use_input_layernorm_in_first_layer",
            "use_last_layernorm");

    private Eagle3ConfigJson() {}

    /** @param storedDraftVocabulary rows of the checkpoint's d2t, or -1 where it has none */
    static Eagle3Config read(Path directory, int storedDraftVocabulary) {
        var config = JsonFields.read(directory.resolve("config.json"));
        refuseUnsupported(config);
        var eagle = config.object("eagle_config");
        int hidden = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        int vocabulary = config.integer("vocab_size");
        int maxPositions = config.integer("max_position_embeddings", 2048);
        AttentionWindow.requireNone(config, ANY_LAYER, maxPositions);
        try {
            return new Eagle3Config(
                    hidden,
                    config.integer("target_hidden_size", hidden),
                    config.integer("intermediate_size"),
                    heads,
                    config.integer("num_key_value_heads", heads),
                    config.integer("head_dim", hidden / Math.max(1, heads)),
                    vocabulary,
                    config.integer("draft_vocab_size", storedDraftVocabulary < 0 ? vocabulary : storedDraftVocabulary),
                    config.number("rms_norm_eps", 1e-6),
                    RopeJson.read(config, maxPositions),
                    config.flag("norm_before_residual", eagle != null && eagle.flag("norm_before_residual", false)),
                    maxPositions,
                    featureLayers(config, eagle));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s: %s".formatted(config.file(), e.getMessage()), e);
        }
    }

    private static void refuseUnsupported(JsonFields config) {
        for (var architecture : config.node("architectures")) {
            if (!ARCHITECTURES.contains(architecture.asText())) {
                throw config.refuse("architectures", "LlamaForCausalLMEagle3", architecture.asText());
            }
        }
        var modelType = config.text("model_type", "llama");
        if (!modelType.equals("llama")) {
            throw config.refuse("model_type", "llama", modelType);
        }
        var activation = config.text("hidden_act", "silu");
        if (!ConfigJson.ACTIVATIONS.contains(activation)) {
            throw config.refuse("hidden_act", "silu", activation);
        }
        config.requireFalse("attention_bias");
        config.requireFalse("mlp_bias");
        config.requireAbsent("quantization_config", "unquantised weights");
        requireKnown(config, KNOWN);
        var eagle = config.object("eagle_config");
        if (eagle != null) {
            refuseOtherLayouts(eagle);
        }
        int features = config.integer("num_aux_hidden_states", 3);
        if (features != 3) {
            throw config.refuse("num_aux_hidden_states", "3", Integer.toString(features));
        }
    }

    private static void refuseOtherLayouts(JsonFields eagle) {
        requireKnown(eagle, KNOWN_OF_EAGLE);
        for (var field : ALWAYS_ON) {
            if (!eagle.flag(field, true)) {
                throw eagle.refuse(field, "true", "false");
            }
        }
    }

    /** Drafters gain switches faster than anybody can follow: one that is on and not known would draft something else. */
    private static void requireKnown(JsonFields config, Set<String> known) {
        for (var field : config.switchedOn()) {
            if (!known.contains(field)) {
                throw config.refuse(
                        field,
                        "nothing (the field is unknown and may change what a drafter computes)",
                        config.node(field).toString());
            }
        }
    }

    private static List<Integer> featureLayers(JsonFields config, @Nullable JsonFields eagle) {
        var nested = eagle == null ? List.<Integer>of() : eagle.integers(FEATURE_LAYERS);
        var outputs = nested.isEmpty() ? config.integers(FEATURE_LAYERS) : nested;
        return outputs.stream().map(output -> output + 1).toList();
    }

    static void write(Path directory, Eagle3Config config, ElementType stored) {
        var json = JSON.createObjectNode();
        json.putArray("architectures").add("LlamaForCausalLMEagle3");
        json.put("model_type", "llama");
        json.put("num_hidden_layers", 1);
        json.put("hidden_size", config.hiddenSize());
        json.put("target_hidden_size", config.targetHiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headDimension());
        json.put("vocab_size", config.vocabularySize());
        json.put("draft_vocab_size", config.draftVocabularySize());
        json.put("hidden_act", "silu");
        json.put("attention_bias", false);
        json.put("rms_norm_eps", config.rmsNormEpsilon());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("tie_word_embeddings", false);
        if (config.normBeforeResidual()) {
            json.put("norm_before_residual", true);
        }
        RopeJson.write(json, config.rope());
        if (!config.featureLayers().isEmpty()) {
            var ids = json.putObject("eagle_config").putArray(FEATURE_LAYERS);
            config.featureLayers().forEach(layer -> ids.add(layer - 1));
        }
        json.put("torch_dtype", stored.torchName());
        AtomicFiles.write(
                directory.resolve("config.json"), json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }
}
