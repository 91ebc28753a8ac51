package dev.respec.trainer.data;

import java.util.List;

/** How a conversation becomes the text that an assistant continues. */
public enum ChatFormat {
    /** Qwen and others: {@code <|im_start|>role\ntext<|im_end|>\n}. */
    CHATML {
        @Override
        String render(List<Message> messages) {
            var text = new StringBuilder();
            messages.forEach(message -> text.append("<|im_start|>")
                    .append(message.role())
                    .append('\n')
                    .append(message.content())
                    .append("<|im_end|>\n"));
            return text.append("<|im_start|>assistant\n").toString();
        }
    },
    /** Llama 3: {@code <|start_header_id|>role<|end_header_id|>\n\ntext<|eot_id|>}. */
    LLAMA3 {
        @Override
        String render(List<Message> messages) {
            var text = new StringBuilder("<|begin_of_text|>");
            messages.forEach(message -> header(text, message.role())
                    .append(message.content().strip())
                    .append("<|eot_id|>"));
            return header(text, "assistant").toString();
        }

        private StringBuilder header(StringBuilder text, String role) {
            return text.append("<|start_header_id|>").append(role).append("<|end_header_id|>\n\n");
        }
    };

    /** One turn of a conversation. */
    record Message(String role, String content) {}

    abstract String render(List<Message> messages);

    /** The format that models of a Hugging Face {@code model_type} are trained on. */
    public static ChatFormat of(String modelType) {
        return modelType.equals("llama") ? LLAMA3 : CHATML;
    }
}
