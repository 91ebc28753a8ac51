package dev.respec.trainer.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DataSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a question becomes the text that the policy continues: worded by a template, then put into the model's chat format.
 *
 * @param chat whether a text becomes the turn of a user; AUTO if there is a format and the text does not hold its marks
 * @param systemPrompt begins every conversation that has no system turn of its own; empty for none
 * @param promptTemplate wording of a question, with {@value #PROMPT} in its place; empty takes the one of its data set
 */
public record PromptWording(DataSection.Chat chat, String systemPrompt, String promptTemplate, ChatFormat format) {
    /** Stands for the question in a prompt template. */
    public static final String PROMPT = DataSection.PROMPT;

    /** Asks for what the reward function {@code gsm8k} reads. */
    static final String GSM8K = PROMPT + " Let's think step by step and output the final answer after \"####\".";

    private static final JsonMapper JSON = new JsonMapper();
    private static final String SYSTEM = "system";

    /**
     * The wording that a configuration asks for.
     *
     * @param policy folder of the model whose chat template is used
     */
    public static PromptWording of(DataSection data, Path policy) {
        return new PromptWording(
                data.chat(), data.systemPrompt(), data.promptTemplate(), ChatFormat.of(policy, variables(data)));
    }

    /** The template's variables as JSON values. */
    public static Map<String, Object> variables(DataSection data) {
        Map<String, Object> variables = new TreeMap<>();
        data.templateVariables().forEach((name, text) -> variables.put(name, value(text)));
        return variables;
    }

    /** A template reads {@code false} and {@code 3} as JSON does; what is not JSON is a text. */
    private static Object value(String text) {
        try {
            return JSON.readValue(text, Object.class);
        } catch (JsonProcessingException | IllegalArgumentException notJson) {
            return text;
        }
    }

    /** Whether a text becomes the turn of a user. */
    private boolean isTurn(String text) {
        return switch (chat) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> format.available() && !format.marks(text);
        };
    }

    /**
     * The text that the policy continues.
     *
     * @param standard the template that this kind of data has; {@value #PROMPT} for none
     */
    public String ofText(String question, String standard) {
        if (chat == DataSection.Chat.AUTO && format.available() && format.marks(question)) {
            return question;
        }
        String worded = (promptTemplate.isEmpty() ? standard : promptTemplate).replace(PROMPT, question);
        if (isTurn(question)) {
            return ofConversation(List.of(new ChatFormat.Message("user", worded)));
        }
        if (!systemPrompt.isEmpty()) {
            throw new BadInputException("data.system-prompt needs a chat template, and "
                    + (chat == DataSection.Chat.OFF ? "data.chat is off" : "the model has none")
                    + ": leave it out, or put the text into data.prompt-template");
        }
        return worded;
    }

    /**
     * The text that the policy continues after these turns.
     *
     * @throws PromptLineException if conversations are switched off or the template refuses this one
     */
    public String ofConversation(List<ChatFormat.Message> turns) {
        if (chat == DataSection.Chat.OFF) {
            throw new PromptLineException(
                    "the line is a conversation, and data.chat is off: set it to auto, or write the prompt as a text");
        }
        if (systemPrompt.isEmpty() || turns.get(0).role().equals(SYSTEM)) {
            return format.render(turns);
        }
        List<ChatFormat.Message> whole = new ArrayList<>(turns);
        whole.add(0, new ChatFormat.Message(SYSTEM, systemPrompt));
        return format.render(whole);
    }
}
