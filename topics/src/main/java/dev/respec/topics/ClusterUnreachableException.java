package dev.respec.topics;

import org.jspecify.annotations.Nullable;

/** The broker or the registry cannot be used as configured. The message is one line: what, where, what to do. */
public class ClusterUnreachableException extends RuntimeException {
    public ClusterUnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
