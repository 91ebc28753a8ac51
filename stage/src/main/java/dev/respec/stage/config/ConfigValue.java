package dev.respec.stage.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** One key's value as written, and where. */
record ConfigValue(String key, JsonNode node, String origin) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern DURATION = Pattern.compile("([0-9]+) ?(ms|s|m|h|d)");

    Object as(Type type) {
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == Map.class ? properties() : list(generic.getActualTypeArguments()[0]);
        }
        return scalar(node, (Class<?>) type);
    }

    ConfigException invalid(String expected, String actual) {
        return new ConfigException("config: %s in %s: expected %s, got '%s'".formatted(key, origin, expected, actual));
    }

    static String text(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + "ms";
        }
        return duration.toSeconds() % 60 == 0 && !duration.isZero()
                ? duration.toMinutes() + "m"
                : duration.toSeconds() + "s";
    }

    static String text(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Object scalar(JsonNode value, Class<?> type) {
        if (!value.isValueNode()) {
            throw invalid(expected(type), value.toString());
        }
        var text = value.asText().strip();
        try {
            if (type == String.class) {
                return value.asText();
            } else if (type == Path.class) {
                return Path.of(text);
            } else if (type == int.class || type == Integer.class) {
                return new BigDecimal(text).intValueExact();
            } else if (type == long.class) {
                return new BigDecimal(text).longValueExact();
            } else if (type == double.class || type == Double.class) {
                return new BigDecimal(text).doubleValue();
            } else if (type == boolean.class && (text.equals("true") || text.equals("false"))) {
                return Boolean.valueOf(text);
            } else if (type == Duration.class) {
                return duration(text);
            } else if (type.isEnum()) {
                return Arrays.stream(type.getEnumConstants())
                        .filter(choice -> text((Enum<?>) choice).equals(text))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new);
            }
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw invalid(expected(type), text);
        }
        throw invalid(expected(type), text);
    }

    private List<Object> list(Type element) {
        var values = new ArrayList<Object>();
        elements().forEach(value -> values.add(scalar(value, (Class<?>) element)));
        return values;
    }

    /** The environment and the command line write lists as {@code [1, 2]} or {@code 1,2}. */
    private JsonNode elements() {
        if (node.isArray()) {
            return node;
        }
        if (node.isTextual()) {
            var text = node.asText().strip();
            try {
                var list = YAML.readTree(text.startsWith("[") ? text : "[" + text + "]");
                if (list.isArray()) {
                    return list;
                }
            } catch (JsonProcessingException e) {
                throw invalid("a list such as [1, 2]", text);
            }
        }
        throw invalid("a list such as [1, 2]", node.asText());
    }

    /** The environment and the command line write a map as {@code {name: value}}. */
    private Map<String, String> properties() {
        var entries = node;
        if (node.isTextual()) {
            try {
                entries = YAML.readTree(node.asText());
            } catch (JsonProcessingException e) {
                throw invalid("names with values, such as {name: value}", node.asText());
            }
        }
        if (!entries.isObject()) {
            throw invalid("names with values, such as {name: value}", node.asText());
        }
        var properties = new TreeMap<String, String>();
        entries.properties().forEach(entry -> properties.put(entry.getKey(), text(entry.getValue())));
        return properties;
    }

    /** The value of a map's entry; a list or a map in it is kept as JSON. */
    static String text(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    private static Duration duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException(text);
        }
        long count = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    private static String expected(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class) {
            return "a whole number";
        } else if (type == double.class || type == Double.class) {
            return "a number";
        } else if (type == boolean.class) {
            return "true or false";
        } else if (type == Duration.class) {
            return "a duration such as 500ms, 10s, 5m";
        } else if (type.isEnum()) {
            var choices = Arrays.stream(type.getEnumConstants()).map(choice -> text((Enum<?>) choice));
            return "one of " + String.join(", ", choices.toList());
        }
        return "a text";
    }
}
