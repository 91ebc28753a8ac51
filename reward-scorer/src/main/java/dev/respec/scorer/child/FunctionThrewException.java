package dev.respec.scorer.child;

/** A reward function threw in its process; the message is what it threw. */
public final class FunctionThrewException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FunctionThrewException(String message) {
        super(message);
    }
}
