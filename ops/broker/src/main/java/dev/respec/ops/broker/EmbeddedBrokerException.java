package dev.respec.ops.broker;

import org.jspecify.annotations.Nullable;

/** The embedded broker cannot run. The message is one line: what, where, what to do. */
public class EmbeddedBrokerException extends RuntimeException {
    public EmbeddedBrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
