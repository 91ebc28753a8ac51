package dev.respec.model.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;

/** adapter_config.json. Fields that would change the product B · A are refused by name, also ones not known here. */
final class LoraConfigJson {
    private static final String FILE = "adapter_config.json";
    private static final JsonMapper JSON = new JsonMapper();

    /** Read here, or without influence on what a trained adapter computes. */
    private static final Set<String> ALLOWED = Set.of(
            "peft_type",
            "r",
            "lora_alpha",
            "use_rslora",
            "bias",
            "init_lora_weights",
            "task_type",
            "base_model_name_or_path",
            "revision",
            "inference_mode",
            "lora_dropout",
            "target_modules",
            "exclude_modules",
            "layers_to_transform",
            "layers_pattern",
            "auto_mapping",
            "peft_version",
            "megatron_core",
            "qalora_group_size",
            "runtime_config");

    /** Initialisations that leave the base model as it is. */
    private static final Set<String> INITIALISATIONS = Set.of("true", "false", "gaussian", "orthogonal", "eva");

    private LoraConfigJson() {}

    static LoraConfig read(Path directory) {
        Path file = directory.resolve(FILE);
        JsonNode json;
        try {
            json = JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException(
                    Files.exists(file) ? file + ": not JSON" : file + ": no such file; it is not a PEFT adapter", e);
        }
        for (var field : json.properties()) {
            if (!ALLOWED.contains(field.getKey()) && !isNeutral(field.getValue())) {
                throw refuse(file, field.getKey(), "nothing (not supported)", field.getValue());
            }
        }
        require(file, json, "peft_type", "LORA");
        require(file, json, "bias", "none");
        String start = json.path("init_lora_weights").asText("true");
        if (!INITIALISATIONS.contains(start)) {
            throw refuse(file, "init_lora_weights", "one of " + INITIALISATIONS, json.get("init_lora_weights"));
        }
        boolean root = json.path("use_rslora").asBoolean(false);
        try {
            return new LoraConfig(
                    json.path("r").asInt(),
                    json.path("lora_alpha").asDouble(),
                    root ? LoraConfig.Scaling.ROOT_OF_RANK : LoraConfig.Scaling.RANK);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    static void write(Path directory, LoraConfig config, Collection<String> modules) {
        var json = JSON.createObjectNode();
        json.put("peft_type", "LORA");
        json.put("task_type", "CAUSAL_LM");
        json.putNull("base_model_name_or_path");
        json.put("r", config.rank());
        if (config.alpha() == Math.rint(config.alpha())) {
            json.put("lora_alpha", (long) config.alpha());
        } else {
            json.put("lora_alpha", config.alpha());
        }
        json.put("use_rslora", config.scaling() == LoraConfig.Scaling.ROOT_OF_RANK);
        json.put("lora_dropout", 0.0);
        json.put("bias", "none");
        json.put("inference_mode", true);
        var targets = json.putArray("target_modules");
        modules.forEach(targets::add);
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(FILE), json.toPrettyString());
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be written: %s".formatted(directory.resolve(FILE), e), e);
        }
    }

    private static boolean isNeutral(JsonNode value) {
        return value.isNull() || (value.isContainerNode() ? value.isEmpty() : value.isBoolean() && !value.asBoolean());
    }

    private static void require(Path file, JsonNode json, String field, String expected) {
        if (!json.path(field).asText(expected).equals(expected)) {
            throw refuse(file, field, expected, json.get(field));
        }
    }

    private static CheckpointException refuse(Path file, String field, String expected, JsonNode found) {
        return new CheckpointException("%s: field %s: expected %s, found %s".formatted(file, field, expected, found));
    }
}
