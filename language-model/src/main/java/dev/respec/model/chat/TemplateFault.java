package dev.respec.model.chat;

/** A template that cannot be read or rendered. */
final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean placed;

    TemplateFault(String message) {
        this(message, false);
    }

    private TemplateFault(String message, boolean placed) {
        super(message);
        this.placed = placed;
    }

    /** The same with the line of the tag, once. */
    TemplateFault at(int line) {
        return placed ? this : new TemplateFault("line " + line + ": " + getMessage(), true);
    }
}
