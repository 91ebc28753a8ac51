package dev.respec.trainer.data;

import static dev.respec.trainer.data.JsonFields.anyText;
import static dev.respec.trainer.data.JsonFields.kind;
import static dev.respec.trainer.data.JsonFields.scalar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One data line. A prompt may be a text or a conversation. Fields not named here become metadata.
 *
 * <table>
 * <caption>Shapes that are read, and the task of a line that does not name one</caption>
 * <tr><td>{@code {id, prompt | messages, answer, task, split, metadata}}</td><td>none: the line is refused</td></tr>
 * <tr><td>GSM8K: {@code {question, answer}}</td><td>gsm8k</td></tr>
 * <tr><td>TRL: {@code {prompt, solution}}</td><td>boxed-math</td></tr>
 * <tr><td>OpenRLHF: {@code {input, label}}</td><td>boxed-math</td></tr>
 * <tr><td>verl: {@code {data_source, prompt, reward_model: {ground_truth}}}</td><td>gsm8k if the data source ends in
 * gsm8k; boxed-math if it or the ability names math; else the line is refused</td></tr>
 * <tr><td>MBPP, HumanEval, APPS, CodeContests: {@link CodeLine}</td><td>code</td></tr>
 * </table>
 *
 * @param split null if the line does not say
 */
record PromptLine(Prompt prompt, @Nullable Split split) {
    static final String EXPECTED = "{\"prompt\" or \"messages\", \"answer\", \"task\"}, {\"question\", \"answer\"} or"
            + " {\"prompt\", \"solution\"}";

    private static final List<String> PROMPT_FIELDS = List.of("prompt", "messages", "question", "input");
    private static final List<String> ANSWER_FIELDS = List.of("answer", "solution", "label", "target");
    private static final Set<String> FIELDS =
            Set.of("id", "prompt", "messages", "question", "answer", "solution", "task", "split", "metadata");

    /**
     * Reads a line.
     *
     * @param fallbackId id of a line without one
     */
    static PromptLine of(JsonNode line, String fallbackId, LineReading reading) {
        var id = line.hasNonNull("id") ? scalar(line.get("id"), "id") : fallbackId;
        var text = JsonFields.unicode(text(line, reading), "prompt");
        var task = task(line, reading.task());
        if (id.isBlank() || task.isBlank()) {
            throw new PromptLineException("field '" + (id.isBlank() ? "id" : "task") + "' is empty");
        }
        var prompt = new Prompt(id, text, task, answer(line), metadata(line));
        return new PromptLine(prompt, split(line));
    }

    private static String text(JsonNode line, LineReading reading) {
        var field = first(line, PROMPT_FIELDS);
        if (field == null && CodeLine.is(line)) {
            field = first(line, CodeLine.PROMPT_FIELDS);
        }
        if (field == null) {
            throw new PromptLineException("no prompt: expected " + EXPECTED);
        }
        var value = line.get(field);
        var text = "";
        if (value.isTextual() && !field.equals("messages")) {
            if (!value.asText().isEmpty()) {
                var question = CodeLine.is(line) ? CodeLine.question(line, value.asText()) : value.asText();
                text = reading.wording().ofText(question, standardTemplate(line, field, reading.task()));
            }
        } else {
            var turns = turns(value, field);
            if (!turns.isEmpty()) {
                text = reading.wording().ofConversation(turns);
            }
        }
        if (text.isEmpty()) {
            throw new PromptLineException("field '" + field + "' is empty");
        }
        return text;
    }

    /** GSM8K's questions and problems of programming do not say what form an answer must have. */
    private static String standardTemplate(JsonNode line, String field, String override) {
        if (task(line, override).equals(CodeLine.TASK) && CodeLine.is(line)) {
            return CodeLine.template(line);
        }
        return field.equals("question") && task(line, override).equals("gsm8k")
                ? PromptWording.GSM8K
                : PromptWording.PROMPT;
    }

    private static @Nullable String first(JsonNode line, List<String> fields) {
        return fields.stream().filter(line::hasNonNull).findFirst().orElse(null);
    }

    private static List<ChatFormat.Message> turns(JsonNode value, String field) {
        if (!value.isArray() || field.equals("question")) {
            throw new PromptLineException("field '%s' is %s: expected %s"
                    .formatted(
                            field, kind(value), field.equals("question") ? "a text" : "[{\"role\", \"content\"}, …]"));
        }
        var messages = new ArrayList<ChatFormat.Message>();
        for (var turn : value) {
            var content = content(turn.path("content"));
            if (!turn.path("role").isTextual() || content == null) {
                throw new PromptLineException("field '%s', turn %d: expected {\"role\": text, \"content\": text}"
                        .formatted(field, messages.size() + 1));
            }
            messages.add(new ChatFormat.Message(turn.get("role").asText(), content));
        }
        if (!messages.isEmpty() && messages.get(messages.size() - 1).role().equals("assistant")) {
            throw new PromptLineException(
                    "field '%s' ends with the turn of an assistant: the policy writes that turn,".formatted(field)
                            + " so leave it out");
        }
        return messages;
    }

    /** A text, or the texts of its parts; null if there is something else. */
    private static @Nullable String content(JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        if (!content.isArray() || content.isEmpty()) {
            return null;
        }
        var text = new StringBuilder();
        for (var part : content) {
            if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
                return null;
            }
            text.append(part.get("text").asText());
        }
        return text.toString();
    }

    private static String answer(JsonNode line) {
        var field = first(line, ANSWER_FIELDS);
        if (field != null && !(CodeLine.is(line) && line.get(field).isContainerNode())) {
            return scalar(line.get(field), field);
        }
        var truth = line.path("reward_model").path("ground_truth");
        if (!truth.isMissingNode() && !truth.isNull()) {
            return scalar(truth, "reward_model.ground_truth");
        }
        if (CodeLine.is(line) || line.hasNonNull("tests")) {
            return "";
        }
        throw new PromptLineException("no answer: expected " + EXPECTED);
    }

    private static String task(JsonNode line, String override) {
        if (!override.isEmpty()) {
            return override;
        }
        if (line.hasNonNull("task")) {
            return scalar(line.get("task"), "task");
        }
        if (CodeLine.is(line)) {
            return CodeLine.TASK;
        }
        if (line.has("question")) {
            return "gsm8k";
        }
        var openRlhf = "input".equals(first(line, PROMPT_FIELDS)) && "label".equals(first(line, ANSWER_FIELDS));
        if (line.has("solution") || openRlhf) {
            return "boxed-math";
        }
        var source = line.path("data_source").asText().toLowerCase(Locale.ROOT);
        if (source.endsWith("gsm8k")) {
            return "gsm8k";
        }
        if (source.contains("math") || line.path("ability").asText().equalsIgnoreCase("math")) {
            return "boxed-math";
        }
        throw new PromptLineException(
                "no task: name the reward function in the field 'task', or for all lines with data.task");
    }

    private static @Nullable Split split(JsonNode line) {
        if (!line.hasNonNull("split")) {
            return null;
        }
        var name = scalar(line.get("split"), "split");
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
                .filter(field -> !FIELDS.contains(field.getKey()) && !isUsed(line, field.getKey()))
                .forEach(field -> metadata.put(field.getKey(), anyText(field.getValue())));
        given.properties().forEach(field -> metadata.put(field.getKey(), anyText(field.getValue())));
        metadata.forEach((field, text) -> JsonFields.unicode(text, field));
        return metadata;
    }

    /** Whether a field that may also be metadata is this line's prompt or answer; {@code target} is always both. */
    private static boolean isUsed(JsonNode line, String field) {
        if (CodeLine.is(line) && (CodeLine.LEFT_OUT.contains(field) || CodeLine.PROMPT_FIELDS.contains(field))) {
            return true;
        }
        var answer = first(line, ANSWER_FIELDS);
        return switch (field) {
            case "input" -> field.equals(first(line, PROMPT_FIELDS));
            case "label" -> field.equals(answer);
            case "reward_model" -> answer == null;
            default -> false;
        };
    }
}
