package dev.respec.stage.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The layers of a configuration laid over each other, each value with the place it came from. */
final class ConfigLayers {
    private static final ConfigKeys KEYS = new ConfigKeys(RespecConfig.class);
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String ENVIRONMENT_PREFIX = "RESPEC_";
    private static final String PROPERTIES = "kafka.properties";

    /** Variables that the command reads itself. */
    private static final Set<String> NOT_CONFIGURATION = Set.of("RESPEC_HOME", "RESPEC_JAVA_OPTIONS");

    private final Map<String, ConfigValue> values = new HashMap<>();

    private ConfigLayers() {}

    static ConfigLayers defaults() {
        var layers = new ConfigLayers();
        try (var defaults = Objects.requireNonNull(ConfigLayers.class.getResourceAsStream("default.yaml"))) {
            layers.addText(new String(defaults.readAllBytes(), StandardCharsets.UTF_8), "default.yaml");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return layers;
    }

    void addFile(Path file) {
        try {
            addText(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new ConfigException("config: cannot read %s: %s".formatted(file, FileFailure.reason(file, e)));
        }
    }

    /** @param origin what the text is, for messages */
    void addText(String yaml, String origin) {
        try {
            add("", YAML.readTree(yaml), origin);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            var place = at == null ? "" : " line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new ConfigException("config: %s%s: not YAML: %s"
                    .formatted(
                            origin,
                            place,
                            e.getOriginalMessage().lines().findFirst().orElse("")));
        }
    }

    void addEnvironment(Map<String, String> environment) {
        var keyByVariable = new HashMap<String, String>();
        KEYS.types().keySet().forEach(key -> keyByVariable.put(variable(key), key));
        new TreeMap<>(environment).forEach((variable, text) -> {
            var key = keyByVariable.get(variable);
            var origin = "environment variable " + variable;
            if (key != null) {
                values.put(key, new ConfigValue(key, TextNode.valueOf(text), origin));
            } else if (variable.startsWith(variable(PROPERTIES) + "_")) {
                var name = variable.substring(variable(PROPERTIES).length() + 1);
                addEntry(PROPERTIES, name.toLowerCase(Locale.ROOT).replace('_', '.'), text, origin);
            } else if (variable.startsWith(ENVIRONMENT_PREFIX) && !NOT_CONFIGURATION.contains(variable)) {
                throw new ConfigException(("config: unknown %s: expected %s followed by a key of the configuration,"
                                + " such as %s for worker.slots%s")
                        .formatted(
                                origin,
                                ENVIRONMENT_PREFIX,
                                variable("worker.slots"),
                                Suggestion.sentence(variable, keyByVariable.keySet())));
            }
        });
    }

    void addSettings(List<String> settings) {
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("config: setting '%s': expected key=value".formatted(setting));
            }
            var key = setting.substring(0, equals).strip();
            var text = setting.substring(equals + 1);
            var map = KEYS.mapOf(key);
            if (map.isPresent()) {
                addEntry(map.get(), key.substring(map.get().length() + 1), text, "setting");
            } else if (KEYS.isLeaf(key)) {
                values.put(key, new ConfigValue(key, TextNode.valueOf(text), "setting"));
            } else {
                throw unknown(key, "setting");
            }
        }
    }

    RespecConfig bind() {
        return new ConfigBinder(values).bind(RespecConfig.class);
    }

    private void add(String key, @Nullable JsonNode node, String origin) {
        if (node == null || node.isNull() || node.isMissingNode()) {
            return; // a section or a file without content changes nothing
        }
        if (KEYS.isMap(key) && node.isObject()) {
            values.putIfAbsent(key, new ConfigValue(key, YAML.createObjectNode(), origin));
            node.properties()
                    .forEach(entry -> addEntry(key, entry.getKey(), ConfigValue.text(entry.getValue()), origin));
        } else if (KEYS.isLeaf(key)) {
            values.put(key, new ConfigValue(key, node, origin));
        } else if (!key.isEmpty() && !KEYS.isSection(key)) {
            throw unknown(key, origin);
        } else if (!node.isObject()) {
            throw new ConfigException("config: '%s' in %s: expected a section with keys %s, got '%s'"
                    .formatted(key, origin, String.join(", ", KEYS.children(key)), node.asText()));
        } else {
            node.properties().forEach(child -> add(ConfigKeys.join(key, child.getKey()), child.getValue(), origin));
        }
    }

    private void addEntry(String map, String name, String text, String origin) {
        var before = values.get(map);
        var entries = before != null && before.node() instanceof ObjectNode object
                ? object.deepCopy()
                : YAML.createObjectNode();
        values.put(map, new ConfigValue(map, entries.put(name, text), origin));
    }

    private static String variable(String key) {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Names the keys of the deepest section that exists. */
    private static ConfigException unknown(String key, String origin) {
        var section = key;
        while (!section.isEmpty() && !KEYS.isSection(section)) {
            section = section.contains(".") ? section.substring(0, section.lastIndexOf('.')) : "";
        }
        return new ConfigException("config: unknown key '%s' in %s: expected one of %s%s%s"
                .formatted(
                        key,
                        origin,
                        String.join(", ", KEYS.children(section)),
                        section.isEmpty() ? "" : " under " + section,
                        Suggestion.sentence(key, KEYS.types().keySet())));
    }
}
