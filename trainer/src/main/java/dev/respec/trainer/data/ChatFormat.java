package dev.respec.trainer.data;

import dev.respec.model.chat.ChatTemplate;
import dev.respec.model.chat.SpecialTokens;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.stage.BadInputException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a conversation becomes the text that an assistant continues. */
@FunctionalInterface
public interface ChatFormat {
    /** One turn of a conversation. */
    record Message(String role, String content) {}

    /**
     * The text to continue.
     *
     * @throws BadInputException if the model has no chat template that can be used
     * @throws PromptLineException if the template refuses this conversation
     */
    String render(List<Message> messages);

    /** Whether questions that are texts can be put into it, too. */
    default boolean available() {
        return false;
    }

    /** Whether a text holds the marks of a format and so is not to be put into one again. */
    default boolean marks(String text) {
        return false;
    }

    /**
     * A model's own chat template, which is read when the first conversation needs it: data without conversations need
     * none.
     *
     * @param policy folder of the model
     * @param variables of the template, beside those that transformers sets
     */
    static ChatFormat of(Path policy, Map<String, ?> variables) {
        return new TemplateFormat(policy, variables);
    }

    /** The chat template of a folder. One thread reads the data. */
    final class TemplateFormat implements ChatFormat {
        private final Path policy;
        private final Map<String, ?> variables;
        private Optional<ChatTemplate> template = Optional.empty();
        private boolean templateRead;
        private @Nullable Set<String> specialTokens;

        private TemplateFormat(Path policy, Map<String, ?> variables) {
            this.policy = policy;
            this.variables = Map.copyOf(variables);
        }

        @Override
        public String render(List<Message> messages) {
            var required = template()
                    .orElseThrow(() -> new BadInputException(("the data are to be rendered as conversations, and the"
                                    + " model %s has no chat template: put its chat_template.jinja into that folder, or"
                                    + " give every line a \"prompt\" that is a text and set data.chat to off")
                            .formatted(policy)));
            List<Map<String, Object>> turns = messages.stream()
                    .map(message -> Map.<String, Object>of("role", message.role(), "content", message.content()))
                    .toList();
            try {
                return required.render(turns, variables);
            } catch (CheckpointException e) {
                throw new PromptLineException("the chat template cannot render this conversation: " + e.getMessage());
            }
        }

        @Override
        public boolean available() {
            return template().isPresent();
        }

        @Override
        public boolean marks(String text) {
            if (specialTokens == null) {
                specialTokens = SpecialTokens.read(policy);
            }
            return specialTokens.stream().anyMatch(text::contains);
        }

        private Optional<ChatTemplate> template() {
            if (!templateRead) {
                try {
                    template = ChatTemplate.read(policy, Clock.systemDefaultZone());
                } catch (CheckpointException e) {
                    throw new BadInputException(
                            "the data are to be rendered as conversations, and the model's chat template cannot be used: "
                                    + e.getMessage(),
                            e);
                }
                templateRead = true;
            }
            return template;
        }
    }
}
