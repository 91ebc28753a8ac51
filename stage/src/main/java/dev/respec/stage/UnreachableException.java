package dev.respec.stage;

/**
 * A service that the configuration names does not answer; a later start may find it. The message is one line: key,
 * address, what to do.
 */
public final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message) {
        super(message);
    }
}
