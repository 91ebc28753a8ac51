package dev.respec.trainer.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One data line.
 *
 * <p>Read are {@code {id, prompt | messages, answer, task, split, metadata}}, GSM8K's {@code {question, answer}} and TRL's
 * {@code {prompt, solution}}; a prompt may be a text or a conversation. Fields not named here become metadata.
 *
 * @param split null where the line does not say
 */
record PromptLine(Prompt prompt, @Nullable Split split) {
    static final String EXPECTED =
            "{\"prompt\" or \"messages\", \"answer\", \"task\"}, {\"question\", \"answer\"} or {\"prompt\", \"solution\"}";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> FIELDS =
            Set.of("id", "prompt", "messages", "question", "answer", "solution", "task", "split", "metadata");

    /**
     * Reads a line.
     *
     * @param fallbackId id of a line without one
     */
    static PromptLine parse(String content, String fallbackId, LineReading reading) {
        var line = object(content);
        var id = line.hasNonNull("id") ? scalar(line, "id") : fallbackId;
        var text = text(line, reading.chatFormat());
        var task = task(line, reading.task());
        if (id.isBlank() || task.isBlank()) {
            throw new PromptLineException("field '" + (id.isBlank() ? "id" : "task") + "' is empty");
        }
        var prompt = new Prompt(id, text, task, answer(line), metadata(line));
        return new PromptLine(prompt, split(line));
    }

    private static JsonNode object(String content) {
        JsonNode line;
        try {
            line = JSON.readTree(content);
        } catch (JsonProcessingException e) {
            throw new PromptLineException("not valid JSON (column %d: %s): expected one object a line, %s"
                    .formatted(e.getLocation() == null ? 1 : e.getLocation().getColumnNr(), firstLine(e), EXPECTED));
        }
        if (!line.isObject()) {
            throw new PromptLineException("found %s: expected one object a line, %s".formatted(kind(line), EXPECTED));
        }
        return line;
    }

    private static String text(JsonNode line, ChatFormat chatFormat) {
        for (var field : List.of("prompt", "messages", "question")) {
            if (line.hasNonNull(field)) {
                var text = text(line.get(field), field, chatFormat);
                if (text.isEmpty()) {
                    throw new PromptLineException("field '" + field + "' is empty");
                }
                return text;
            }
        }
        throw new PromptLineException("no prompt: expected " + EXPECTED);
    }

    private static String text(JsonNode value, String field, ChatFormat chatFormat) {
        if (value.isTextual() && !field.equals("messages")) {
            return value.asText();
        }
        if (!value.isArray() || field.equals("question")) {
            throw new PromptLineException("field '%s' is %s: expected %s"
                    .formatted(
                            field, kind(value), field.equals("question") ? "a text" : "[{\"role\", \"content\"}, …]"));
        }
        var messages = new ArrayList<ChatFormat.Message>();
        for (var turn : value) {
            if (!turn.path("role").isTextual() || !turn.path("content").isTextual()) {
                throw new PromptLineException("field '%s', turn %d: expected {\"role\": text, \"content\": text}"
                        .formatted(field, messages.size() + 1));
            }
            messages.add(new ChatFormat.Message(
                    turn.get("role").asText(), turn.get("content").asText()));
        }
        return messages.isEmpty() ? "" : chatFormat.render(messages);
    }

    private static String answer(JsonNode line) {
        for (var field : List.of("answer", "solution", "target")) {
            if (line.hasNonNull(field)) {
                return scalar(line, field);
            }
        }
        throw new PromptLineException("no answer: expected " + EXPECTED);
    }

    private static String task(JsonNode line, String override) {
        if (!override.isEmpty()) {
            return override;
        }
        if (line.hasNonNull("task")) {
            return scalar(line, "task");
        }
        if (line.has("question")) {
            return "gsm8k";
        }
        if (line.has("solution")) {
            return "boxed-math";
        }
        throw new PromptLineException(
                "no task: name the reward function in the field 'task', or for all lines with data.task");
    }

    private static @Nullable Split split(JsonNode line) {
        if (!line.hasNonNull("split")) {
            return null;
        }
        var name = scalar(line, "split");
        return Split.named(name)
                .orElseThrow(() -> new PromptLineException(
                        "field 'split' is '" + name + "': expected train, evaluation, validation or test"));
    }

    private static Map<String, String> metadata(JsonNode line) {
        var metadata = new HashMap<String, String>();
        var given = line.path("metadata");
        if (!given.isMissingNode() && !given.isNull() && !given.isObject()) {
            throw new PromptLineException("field 'metadata' is " + kind(given) + ": expected an object");
        }
        line.properties().stream()
                .filter(field -> !FIELDS.contains(field.getKey()))
                .forEach(field -> metadata.put(field.getKey(), anyText(field.getValue())));
        given.properties().forEach(field -> metadata.put(field.getKey(), anyText(field.getValue())));
        return metadata;
    }

    private static String scalar(JsonNode line, String field) {
        var value = line.get(field);
        if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
            throw new PromptLineException("field '" + field + "' is " + kind(value) + ": expected a text or a number");
        }
        return anyText(value);
    }

    private static String anyText(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> "the value " + value;
            default -> "null";
        };
    }

    private static String firstLine(JsonProcessingException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    }
}
