package dev.respec.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A JSON object of a model directory; every refusal names the file, the field, what was expected and what was found. */
final class JsonFields {
    private final Path file;
    private final String prefix;
    private final JsonNode json;

    private JsonFields(Path file, String prefix, JsonNode json) {
        this.file = file;
        this.prefix = prefix;
        this.json = json;
    }

    static JsonFields read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be read: %s".formatted(file, Safetensors.describe(e)), e);
        }
        var json = ConfigJson.parse(file, bytes);
        if (!json.isObject()) {
            throw new CheckpointException("%s: expected a JSON object".formatted(file));
        }
        return new JsonFields(file, "", json);
    }

    Path file() {
        return file;
    }

    /** The field's value; a missing node where it is absent. */
    JsonNode node(String field) {
        return json.path(field);
    }

    boolean has(String field) {
        return present(field) != null;
    }

    boolean isEmpty() {
        return json.isEmpty();
    }

    /** Fields that say something: true, or a list or object with content. */
    Set<String> switchedOn() {
        var names = new TreeSet<String>();
        for (var field : json.properties()) {
            var value = field.getValue();
            if (value.isBoolean() ? value.booleanValue() : value.isContainerNode() && !value.isEmpty()) {
                names.add(field.getKey());
            }
        }
        return names;
    }

    String text(String field) {
        return text(field, null);
    }

    String text(String field, @Nullable String fallback) {
        var value = present(field);
        if (value == null) {
            return required(field, "a string", fallback);
        }
        if (!value.isTextual()) {
            throw refuse(field, "a string", value.toString());
        }
        return value.textValue();
    }

    int integer(String field) {
        return integer(field, null);
    }

    int integer(String field, @Nullable Integer fallback) {
        var value = present(field);
        if (value == null) {
            return required(field, "an integer", fallback);
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw refuse(field, "an integer", value.toString());
        }
        return value.intValue();
    }

    double number(String field) {
        return number(field, null);
    }

    double number(String field, @Nullable Number fallback) {
        var value = present(field);
        if (value == null) {
            return required(field, "a number", fallback).doubleValue();
        }
        if (!value.isNumber()) {
            throw refuse(field, "a number", value.toString());
        }
        return value.doubleValue();
    }

    boolean flag(String field, boolean fallback) {
        var value = present(field);
        if (value == null) {
            return fallback;
        }
        if (!value.isBoolean()) {
            throw refuse(field, "true or false", value.toString());
        }
        return value.booleanValue();
    }

    /** An integer, a list of integers, or nothing. */
    List<Integer> integers(String field) {
        var value = present(field);
        var values = new ArrayList<Integer>();
        if (value == null) {
            return values;
        }
        for (var item : value.isArray() ? value : List.of(value)) {
            if (!item.isIntegralNumber() || !item.canConvertToInt()) {
                throw refuse(field, "an integer or a list of integers", value.toString());
            }
            values.add(item.intValue());
        }
        return values;
    }

    @Nullable
    JsonFields object(String field) {
        var value = present(field);
        if (value == null) {
            return null;
        }
        if (!value.isObject()) {
            throw refuse(field, "an object", value.toString());
        }
        return new JsonFields(file, prefix + field + ".", value);
    }

    void requireFalse(String field) {
        if (flag(field, false)) {
            throw refuse(field, "false", "true");
        }
    }

    void requireAbsent(String field, String expected) {
        var value = present(field);
        if (value != null) {
            throw refuse(field, expected, value.toString());
        }
    }

    CheckpointException refuse(String field, String expected, String actual) {
        return new CheckpointException(
                "%s: field %s%s: expected %s, found %s".formatted(file, prefix, field, expected, actual));
    }

    private @Nullable JsonNode present(String field) {
        var value = json.get(field);
        return value == null || value.isNull() ? null : value;
    }

    private <T> T required(String field, String expected, @Nullable T fallback) {
        if (fallback == null) {
            throw refuse(field, expected, "nothing");
        }
        return fallback;
    }
}
