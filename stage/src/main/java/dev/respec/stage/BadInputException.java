package dev.respec.stage;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something the user gave cannot be used. The message is one line: what, where, what to do. */
public class BadInputException extends RuntimeException {
    public BadInputException(String message) {
        this(message, null);
    }

    public BadInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The first line of what an exception says, or its kind, to be part of a message of one line. */
    public static String firstLine(Throwable cause) {
        return Optional.ofNullable(cause.getMessage())
                .flatMap(message -> message.lines().findFirst())
                .orElseGet(() -> cause.getClass().getSimpleName());
    }
}
