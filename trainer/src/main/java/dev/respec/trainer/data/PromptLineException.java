package dev.respec.trainer.data;

/** A data line cannot be used; the message says what was found and what was expected. */
public final class PromptLineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    PromptLineException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
