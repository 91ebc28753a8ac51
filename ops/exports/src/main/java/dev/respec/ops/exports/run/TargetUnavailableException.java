package dev.respec.ops.exports.run;

/** A target does not accept items now; it may do so later. */
public final class TargetUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TargetUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public TargetUnavailableException(String message) {
        super(message);
    }
}
