package dev.respec.model.checkpoint;

import java.util.Optional;

/** A model directory cannot be used. The message is one line: file, field or tensor, expected and actual. */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The first line of what an exception says, or its kind, to be part of a message of one line. */
    public static String firstLine(Throwable cause) {
        return Optional.ofNullable(cause.getMessage())
                .flatMap(message -> message.lines().findFirst())
                .orElseGet(() -> cause.getClass().getSimpleName());
    }
}
