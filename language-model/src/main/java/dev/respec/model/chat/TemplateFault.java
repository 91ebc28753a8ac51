package dev.respec.model.chat;

/** A template that cannot be read or rendered. */
final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TemplateFault(String message) {
        super(message);
    }

    /** The same with the line of the tag, once. */
    TemplateFault at(int line) {
        String message = String.valueOf(getMessage());
        return message.startsWith("line ") ? this : new TemplateFault("line " + line + ": " + message);
    }
}
