package dev.respec.trainer.data;

import dev.respec.stage.config.DataSection;
import java.util.stream.Collectors;

/** Formats of conversations for tests. */
final class ChatFormats {
    /** Turns as Qwen marks them. */
    static final ChatFormat CHATML = messages -> messages.stream()
                    .map(message -> "<|im_start|>%s\n%s<|im_end|>\n".formatted(message.role(), message.content()))
                    .collect(Collectors.joining())
            + "<|im_start|>assistant\n";

    /** Conversations through it, texts as they are. */
    static final PromptWording CHATML_CONVERSATIONS =
            new PromptWording(DataSection.Chat.AUTO, "", PromptWording.PROMPT, CHATML);

    private ChatFormats() {}
}
