package dev.respec.ops.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.respec.stage.config.RespecConfig;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a run's configuration says that the defaults do not. Secrets are masked. */
public final class ConfigDifferences {
    /** Where a run is kept and reached: local mode chooses it, and it changes nothing about the run. */
    private static final Set<String> PLACES = Set.of(
            "run.id",
            "run.data-dir",
            "kafka.bootstrap-servers",
            "registry.urls",
            "http.port",
            "local.ports.broker",
            "local.ports.registry",
            "local.ports.page",
            "metrics.tensorboard",
            "metrics.mlflow",
            "metrics.otlp",
            "tracing.otlp",
            "tracing.sample");

    private static final YAMLMapper YAML = new YAMLMapper();

    private ConfigDifferences() {}

    /** A value and the default in its place. */
    public record Difference(String value, String usual) {}

    /** By key, in order. */
    public static Map<String, Difference> of(RespecConfig config) {
        Map<String, String> usual = flat(RespecConfig.defaults());
        Map<String, Difference> differences = new TreeMap<>();
        flat(config).forEach((key, value) -> {
            String before = usual.getOrDefault(key, "");
            if (!PLACES.contains(key) && !value.equals(before) && !isBuiltin(before, value)) {
                differences.put(key, new Difference(value, before));
            }
        });
        return differences;
    }

    /** Every setting of a run by key, but for where it is kept. */
    public static Map<String, String> settings(RespecConfig config) {
        Map<String, String> settings = flat(config);
        settings.keySet().removeAll(PLACES);
        return settings;
    }

    /** Local mode writes the folder in place of the name of a model that ships. */
    private static boolean isBuiltin(String usual, String value) {
        return usual.startsWith("builtin:")
                && value.replace('\\', '/').endsWith("/models/" + usual.substring("builtin:".length()));
    }

    private static Map<String, String> flat(RespecConfig config) {
        Map<String, String> values = new TreeMap<>();
        try {
            flatten("", YAML.readTree(config.toYaml()), values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return values;
    }

    private static void flatten(String key, JsonNode node, Map<String, String> values) {
        if (node.isObject()) {
            node.fields()
                    .forEachRemaining(field -> flatten(
                            key.isEmpty() ? field.getKey() : key + "." + field.getKey(), field.getValue(), values));
        } else {
            values.put(key, node.isValueNode() ? node.asText() : node.toString());
        }
    }
}
