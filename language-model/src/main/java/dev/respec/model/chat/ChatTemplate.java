package dev.respec.model.chat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chat template of a model directory: Jinja as transformers runs it. A tag, filter or test that is not supported is
 * refused by name and line when the template is read, a method when it is called. Immutable.
 */
public final class ChatTemplate {
    private static final String CONFIG = "tokenizer_config.json";
    private static final String SEPARATE = "chat_template.jinja";
    private static final List<String> SPECIAL_TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token");
    private static final JsonMapper JSON = new JsonMapper();

    private final String place;
    private final Statement template;
    private final Map<String, Object> specialTokens;
    private final Clock clock;

    private ChatTemplate(String place, Statement template, Map<String, Object> specialTokens, Clock clock) {
        this.place = place;
        this.template = template;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * The template in chat_template.jinja or tokenizer_config.json; empty if the model has none.
     *
     * @throws CheckpointException naming file, line and what is not supported
     */
    public static Optional<ChatTemplate> read(Path directory, Clock clock) {
        Path file = directory.resolve(CONFIG);
        Path separate = directory.resolve(SEPARATE);
        try {
            JsonNode config = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
            Map<String, Object> tokens = new LinkedHashMap<>();
            for (String name : SPECIAL_TOKENS) {
                JsonNode token = config.path(name);
                String text = token.isTextual()
                        ? token.asText()
                        : token.path("content").asText("");
                if (!text.isEmpty()) {
                    tokens.put(name, text);
                }
            }
            if (Files.exists(separate)) {
                return Optional.of(of(separate.toString(), Files.readString(separate), tokens, clock));
            }
            String source = source(config.path("chat_template"));
            return source == null ? Optional.empty() : Optional.of(of(file + ": chat_template", source, tokens, clock));
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot be read: %s".formatted(file, CheckpointException.firstLine(e)), e);
        }
    }

    /** A string, or a list of named templates of which the default one counts. */
    private static @Nullable String source(JsonNode field) {
        if (field.isTextual()) {
            return field.asText();
        }
        for (JsonNode named : field) {
            if (named.path("name").asText().equals("default")) {
                return named.path("template").asText();
            }
        }
        return null;
    }

    /** @param place names the template in errors */
    static ChatTemplate of(String place, String source, Map<String, Object> specialTokens, Clock clock) {
        try {
            return new ChatTemplate(place, TemplateParser.parse(source), specialTokens, clock);
        } catch (TemplateFault e) {
            throw new CheckpointException("%s, %s".formatted(place, e.getMessage()), e);
        } catch (StackOverflowError e) {
            throw new CheckpointException("%s: expressions are nested too deeply".formatted(place), e);
        }
    }

    /**
     * The text that the model continues as the assistant.
     *
     * @param messages {@code role}, {@code content} and whatever else the template reads, JSON values
     * @param variables further ones, such as {@code enable_thinking} or {@code tools}
     * @throws CheckpointException if the template refuses the conversation
     */
    public String render(List<Map<String, Object>> messages, Map<String, ?> variables) {
        Scope scope = Globals.scope(clock);
        scope.set("tools", null);
        scope.set("documents", null);
        scope.set("add_generation_prompt", true);
        specialTokens.forEach(scope::set);
        variables.forEach((name, value) -> scope.set(name, JsonValues.of(value)));
        scope.set("messages", JsonValues.of(messages));
        var text = new StringBuilder();
        try {
            template.render(scope, text);
        } catch (TemplateFault e) {
            throw new CheckpointException("%s, %s".formatted(place, e.getMessage()), e);
        } catch (StackOverflowError e) {
            throw new CheckpointException("%s: macros or values are nested too deeply".formatted(place), e);
        }
        return text.toString();
    }

    /**
     * Messages from JSON: a list of objects with {@code role} and {@code content}.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static List<Map<String, Object>> messages(String json) {
        JsonNode list;
        try {
            list = JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON: " + CheckpointException.firstLine(e), e);
        }
        if (!list.isArray() || list.isEmpty()) {
            throw new IllegalArgumentException("expected a list of messages, [{\"role\":\"user\",\"content\":\"…\"}]");
        }
        for (int i = 0; i < list.size(); i++) {
            if (!list.get(i).path("role").isTextual()) {
                throw new IllegalArgumentException("message %d: expected a role and content".formatted(i + 1));
            }
        }
        return JSON.convertValue(list, new TypeReference<List<Map<String, Object>>>() {});
    }

    /** Template variables from a JSON object. */
    public static Map<String, Object> variables(String json) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, Object>>() {});
        } catch (IOException e) {
            throw new IllegalArgumentException("not a JSON object: " + CheckpointException.firstLine(e), e);
        }
    }
}
