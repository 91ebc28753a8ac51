package dev.respec.model.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The rotary embedding in config.json, read as transformers 5 reads it and written in the older style.
 *
 * <p>{@code rope_scaling} wins over {@code rope_parameters}; a base inside either wins over the one beside it.
 */
final class RopeJson {
    private static final double DEFAULT_THETA = 10_000;

    private RopeJson() {}

    /** @param maxPositions the model's longest sequence */
    static RopeConfig read(JsonFields config, int maxPositions) {
        var scaling = config.object("rope_scaling");
        var parameters = scaling == null || scaling.isEmpty() ? config.object("rope_parameters") : scaling;
        double beside = config.number("rope_theta", DEFAULT_THETA);
        if (parameters == null) {
            return new RopeConfig(beside, null);
        }
        if (parameters.has("full_attention") || parameters.has("sliding_attention")) {
            throw parameters.refuse("full_attention", "one rotary embedding for all layers", "one per layer type");
        }
        return new RopeConfig(parameters.number("rope_theta", beside), scaling(config, parameters, maxPositions));
    }

    private static @Nullable RopeScaling scaling(JsonFields config, JsonFields parameters, int maxPositions) {
        var type = parameters.text("rope_type", parameters.text("type", "default"));
        if (type.equals("default")) {
            // Qwen2, Qwen3 and Llama rotate whole heads: transformers does not read their partial_rotary_factor.
            return null;
        }
        requireWholeHeads(config, parameters);
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(parameters.number("factor"));
            // The base changes only past max_position_embeddings, where no sequence gets.
            case "dynamic" -> null;
            case "llama3" ->
                new RopeScaling.Llama3(
                        parameters.number("factor"),
                        parameters.number("low_freq_factor"),
                        parameters.number("high_freq_factor"),
                        originalPositions(config, parameters, maxPositions));
            case "yarn" -> yarn(parameters, originalPositions(config, parameters, maxPositions));
            default -> throw parameters.refuse("rope_type", "default, linear, dynamic, llama3 or yarn", type);
        };
    }

    private static void requireWholeHeads(JsonFields config, JsonFields parameters) {
        double beside = config.number("partial_rotary_factor", 1);
        double partial = parameters.number("partial_rotary_factor", beside);
        if (partial != 1) {
            throw parameters.refuse("partial_rotary_factor", "1", Double.toString(partial));
        }
    }

    private static int originalPositions(JsonFields config, JsonFields parameters, int maxPositions) {
        var field = "original_max_position_embeddings";
        return config.integer(field, parameters.integer(field, maxPositions));
    }

    private static RopeScaling yarn(JsonFields parameters, int originalPositions) {
        double factor = parameters.number("factor");
        double magnitude = parameters.number("mscale", 0);
        double allMagnitude = parameters.number("mscale_all_dim", 0);
        double attention = magnitude != 0 && allMagnitude != 0
                ? RopeScaling.Yarn.attentionFactor(factor, magnitude)
                        / RopeScaling.Yarn.attentionFactor(factor, allMagnitude)
                : RopeScaling.Yarn.attentionFactor(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                originalPositions,
                parameters.number("beta_fast", 32),
                parameters.number("beta_slow", 1),
                parameters.flag("truncate", true),
                parameters.number("attention_factor", attention));
    }

    static void write(ObjectNode json, RopeConfig rope) {
        json.put("rope_theta", rope.theta());
        var scaling = rope.scaling();
        if (scaling == null) {
            json.putNull("rope_scaling");
        } else if (scaling instanceof RopeScaling.Linear linear) {
            json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
        } else if (scaling instanceof RopeScaling.Llama3 llama3) {
            json.putObject("rope_scaling")
                    .put("rope_type", "llama3")
                    .put("factor", llama3.factor())
                    .put("low_freq_factor", llama3.lowFrequencyFactor())
                    .put("high_freq_factor", llama3.highFrequencyFactor())
                    .put("original_max_position_embeddings", llama3.originalMaxPositions());
        } else if (scaling instanceof RopeScaling.Yarn yarn) {
            json.putObject("rope_scaling")
                    .put("rope_type", "yarn")
                    .put("factor", yarn.factor())
                    .put("original_max_position_embeddings", yarn.originalMaxPositions())
                    .put("beta_fast", yarn.betaFast())
                    .put("beta_slow", yarn.betaSlow())
                    .put("truncate", yarn.truncate())
                    .put("attention_factor", yarn.attentionFactor());
        }
    }
}
