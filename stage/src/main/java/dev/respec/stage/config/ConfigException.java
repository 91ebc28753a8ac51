package dev.respec.stage.config;

/** The configuration cannot be used. The message is one line: key, where it was set, what was expected. */
public class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
