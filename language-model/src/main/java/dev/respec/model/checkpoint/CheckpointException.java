package dev.respec.model.checkpoint;

/** A model directory cannot be used. The message is one line: file, field or tensor, expected and actual. */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
