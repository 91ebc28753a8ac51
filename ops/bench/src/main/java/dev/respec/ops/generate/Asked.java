package dev.respec.ops.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.TextTokenizer;
import dev.respec.model.chat.ChatTemplate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DataSection;
import dev.respec.trainer.data.PromptLineException;
import dev.respec.trainer.data.PromptWording;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked, in its own words.
 *
 * @param text that it continues
 */
public record Asked(String text) {
    /** A question, which becomes a user's turn unless the configuration or the model has no chat. */
    public static Asked question(String question, Path policy, DataSection words) {
        PromptWording wording = PromptWording.of(words, policy);
        try {
            return new Asked(wording.ofText(question, PromptWording.PROMPT));
        } catch (PromptLineException e) {
            throw new BadInputException("--prompt: " + e.getMessage(), e);
        }
    }

    /** @throws BadInputException if the model has none */
    public static ChatTemplate template(Path policy) {
        return ChatTemplate.read(policy, Clock.systemDefaultZone())
                .orElseThrow(() -> new BadInputException(
                        policy + ": has no chat template; give the text to continue with --prompt"));
    }

    /**
     * Settings of the configuration for the template's variables, which keep their types.
     *
     * @param json an object; null for none
     */
    public static List<String> variableSettings(@Nullable String json) {
        List<String> settings = new ArrayList<>();
        if (json == null) {
            return settings;
        }
        try {
            for (var variable : ChatTemplate.variables(json).entrySet()) {
                settings.add("data.template-variables.%s=%s"
                        .formatted(variable.getKey(), new ObjectMapper().writeValueAsString(variable.getValue())));
            }
        } catch (IllegalArgumentException | JsonProcessingException e) {
            throw new BadInputException("--template-variables: " + e.getMessage(), e);
        }
        return settings;
    }

    /**
     * A conversation, with everything that the template reads of it.
     *
     * @throws IllegalArgumentException if it is not a JSON list of messages
     */
    public static Asked conversation(String json, ChatTemplate template, DataSection words) {
        List<Map<String, Object>> turns = new ArrayList<>(ChatTemplate.messages(json));
        if (!words.systemPrompt().isEmpty() && !"system".equals(turns.get(0).get("role"))) {
            turns.add(0, Map.of("role", "system", "content", words.systemPrompt()));
        }
        return new Asked(template.render(turns, PromptWording.variables(words)));
    }

    /** @throws BadInputException if the tokenizer cannot express the text */
    public int[] tokens(TextTokenizer tokenizer) {
        try {
            return tokenizer.encodePrompt(text);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }
}
