package dev.respec.trainer.checkpoint;

/** A checkpoint could not be written, for want of room for example. The one before is as it was; start again. */
public final class CheckpointNotWrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CheckpointNotWrittenException(String message, Throwable cause) {
        super(message, cause);
    }
}
