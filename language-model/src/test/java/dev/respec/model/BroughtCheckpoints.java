package dev.respec.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Checkpoints as people publish them, from golden/brought. */
public final class BroughtCheckpoints {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode ALL = read();
    private static final Map<String, HostTensor> TENSORS =
            Safetensors.open(Golden.path("brought/tensors.safetensors")).tensors();

    private BroughtCheckpoints() {}

    /** Names of the models or drafters that load, or of those that are refused. */
    public static Stream<String> names(String kind, boolean refused) {
        return ALL.get(kind).properties().stream()
                .filter(each -> each.getValue().has("refused") == refused)
                .map(Map.Entry::getKey);
    }

    /** Writes the directory that was published. */
    public static Path write(String kind, String name, Path directory) throws IOException {
        var published = ALL.get(kind).get(name);
        var mark = published.has("byteOrderMark") ? "\uFEFF" : "";
        Files.writeString(directory.resolve("config.json"), mark + published.get("config"), StandardCharsets.UTF_8);
        for (var file : List.of("generation", "index")) {
            if (published.has(file)) {
                var fileName = file.equals("index") ? "model.safetensors.index.json" : "generation_config.json";
                Files.writeString(
                        directory.resolve(fileName), published.get(file).toString());
            }
        }
        for (var file : published.path("files").properties()) {
            var tensors = new LinkedHashMap<String, HostTensor>();
            file.getValue()
                    .properties()
                    .forEach(each -> tensors.put(
                            each.getKey(), TENSORS.get(each.getValue().asText())));
            Safetensors.write(directory.resolve(file.getKey()), tensors, Map.of());
        }
        return directory;
    }

    /** What the refusal says. */
    public static String refusal(String kind, String name) {
        return ALL.get(kind).get(name).get("refused").asText();
    }

    /** Sequences that the log-probabilities belong to. */
    public static List<int[]> tokens() {
        List<int[]> tokens = new ArrayList<>();
        ALL.get("tokens").forEach(row -> tokens.add(JSON.convertValue(row, int[].class)));
        return tokens;
    }

    /** For each sequence one number per token, from the second token on, as transformers computes it in float32. */
    public static List<double[]> logProbabilities(String name) {
        List<double[]> rows = new ArrayList<>();
        ALL.get("models")
                .get(name)
                .get("logProbabilities")
                .forEach(row -> rows.add(JSON.convertValue(row, double[].class)));
        return rows;
    }

    private static JsonNode read() {
        try {
            return JSON.readTree(Golden.path("brought/cases.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
