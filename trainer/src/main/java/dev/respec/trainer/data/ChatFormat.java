package dev.respec.trainer.data;

import dev.respec.model.chat.ChatTemplate;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.stage.BadInputException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /**
     * A model's own chat template, which is read when the first conversation needs it: data without conversations need
     * none.
     *
     * @param policy folder of the model
     */
    static ChatFormat of(Path policy) {
        return new TemplateFormat(policy);
    }

    /** The chat template of a folder. One thread reads the data. */
    final class TemplateFormat implements ChatFormat {
        private final Path policy;
        private Optional<ChatTemplate> template = Optional.empty();

        private TemplateFormat(Path policy) {
            this.policy = policy;
        }

        @Override
        public String render(List<Message> messages) {
            if (template.isEmpty()) {
                template = Optional.of(read());
            }
            List<Map<String, Object>> turns = messages.stream()
                    .map(message -> Map.<String, Object>of("role", message.role(), "content", message.content()))
                    .toList();
            try {
                return template.get().render(turns, Map.of());
            } catch (CheckpointException e) {
                throw new PromptLineException("the chat template cannot render this conversation: " + e.getMessage());
            }
        }

        private ChatTemplate read() {
            Optional<ChatTemplate> found;
            try {
                found = ChatTemplate.read(policy, Clock.systemDefaultZone());
            } catch (CheckpointException e) {
                throw new BadInputException(
                        "the data have conversations, and the model's chat template cannot be used: " + e.getMessage(),
                        e);
            }
            return found.orElseThrow(() -> new BadInputException(("the data have conversations, and the model %s has no"
                            + " chat template: put its chat_template.jinja into that folder, or give every line a"
                            + " \"prompt\" that is a text")
                    .formatted(policy)));
        }
    }
}
