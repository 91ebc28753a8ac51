package dev.respec.stage.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A configuration as YAML text. */
final class ConfigYaml {
    enum Secrets {
        SHOWN,
        MASKED
    }

    private static final String MASK = "***";
    private static final Pattern SECRET = Pattern.compile(
            "(.*[.-])?(password|secret|jaas\\.config|.*\\.key|credentials.*|token)", Pattern.CASE_INSENSITIVE);
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private ConfigYaml() {}

    static String write(RespecConfig config, Secrets secrets) {
        try {
            return YAML.writeValueAsString(tree(config, secrets));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> tree(Record section, Secrets secrets) {
        var tree = new LinkedHashMap<String, Object>();
        for (var component : section.getClass().getRecordComponents()) {
            var key = ConfigKeys.kebab(component.getName());
            try {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                tree.put(key, plain(key, accessor.invoke(section), secrets));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + key, e);
            }
        }
        return tree;
    }

    private static Object plain(String key, Object value, Secrets secrets) {
        if (value instanceof Record section) {
            return tree(section, secrets);
        } else if (value instanceof Duration duration) {
            return ConfigValue.text(duration);
        } else if (value instanceof Enum<?> choice) {
            return ConfigValue.text(choice);
        } else if (value instanceof Path path) {
            return path.toString();
        } else if (value instanceof Map<?, ?> properties) {
            var plain = new TreeMap<String, Object>();
            properties.forEach((name, text) -> plain.put((String) name, plain((String) name, text, secrets)));
            return plain;
        } else if (secrets == Secrets.MASKED
                && value instanceof String text
                && !text.isEmpty()
                && SECRET.matcher(key).matches()) {
            return MASK;
        }
        return value;
    }
}
