package dev.respec.streams;

import org.jspecify.annotations.Nullable;

/** A streams application has given up. Restart the stage: it goes on from the last commit. */
public final class StreamsFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StreamsFailedException(String message, @Nullable Throwable cause) {
        super(cause == null ? message : message + ": " + cause.getMessage(), cause);
    }
}
