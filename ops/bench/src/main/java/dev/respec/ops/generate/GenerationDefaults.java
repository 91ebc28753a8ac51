package dev.respec.ops.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.SamplingSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a model's makers mean it to be sampled: generation_config.json, or temperature 1 over the whole distribution.
 *
 * @param temperature 0 if sampling is switched off
 * @param notApplied fields that ask for a distribution other than the model's own
 */
public record GenerationDefaults(double temperature, double topP, int topK, int maxTokens, List<String> notApplied) {
    private static final String FILE = "generation_config.json";
    private static final int MAX_TOKENS = 512;

    public GenerationDefaults {
        notApplied = List.copyOf(notApplied);
    }

    /** @throws BadInputException naming the field that cannot be used */
    public static GenerationDefaults read(Path model) {
        Path file = model.resolve(FILE);
        JsonNode json;
        try {
            json = Files.exists(file)
                    ? new JsonMapper().readTree(file.toFile())
                    : JsonNodeFactory.instance.objectNode();
        } catch (IOException e) {
            throw new BadInputException("%s: not JSON: %s".formatted(file, e.getMessage()), e);
        }
        List<String> notApplied = new ArrayList<>();
        for (String field : List.of("repetition_penalty", "min_p", "typical_p", "no_repeat_ngram_size")) {
            double neutral = field.endsWith("_p") && !field.startsWith("min") || field.endsWith("penalty") ? 1 : 0;
            if (number(file, json, field, neutral) != neutral) {
                notApplied.add(field + " " + json.get(field));
            }
        }
        boolean greedy =
                json.path("do_sample").isBoolean() && !json.path("do_sample").asBoolean();
        return new GenerationDefaults(
                greedy ? 0 : number(file, json, "temperature", 1),
                greedy ? 1 : number(file, json, "top_p", 1),
                greedy ? 0 : (int) number(file, json, "top_k", 0),
                (int) number(file, json, "max_new_tokens", MAX_TOKENS),
                notApplied);
    }

    /** With what a configuration sets; if it has the default, the model's own value stays. */
    public GenerationDefaults under(SamplingSection asked) {
        SamplingSection standard = RespecConfig.defaults().sampling();
        return new GenerationDefaults(
                asked.temperature() == standard.temperature() ? temperature : asked.temperature(),
                asked.topP() == standard.topP() ? topP : asked.topP(),
                asked.topK() == standard.topK() ? topK : asked.topK(),
                asked.maxTokens() == standard.maxTokens() ? maxTokens : asked.maxTokens(),
                notApplied);
    }

    private static double number(Path file, JsonNode json, String field, double fallback) {
        JsonNode value = json.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (!value.isNumber()) {
            throw new BadInputException("%s: field %s: expected a number, found %s".formatted(file, field, value));
        }
        return value.asDouble();
    }
}
