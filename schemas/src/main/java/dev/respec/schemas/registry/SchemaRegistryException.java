package dev.respec.schemas.registry;

import org.jspecify.annotations.Nullable;

/** The registry refused a request or could not be asked. The message names address, subject and status. */
public class SchemaRegistryException extends RuntimeException {
    /** Status of a request that got no answer. */
    public static final int UNREACHABLE = 0;

    private final int status;

    public SchemaRegistryException(String message, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** HTTP status, or {@link #UNREACHABLE}. */
    public int status() {
        return status;
    }
}
