package dev.respec.schemas;

import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Bytes that are not a record of the expected schema, now or ever: they belong into the dead letters. */
@NullMarked
public class UndecodableRecordException extends RuntimeException {
    public UndecodableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
