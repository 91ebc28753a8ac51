package dev.respec.artefacts;

import org.jspecify.annotations.Nullable;

/** Bytes of weights are not there or not what their event says. The message names the file. */
public class ArtefactException extends RuntimeException {
    public ArtefactException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
