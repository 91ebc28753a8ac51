package dev.respec.ops.cluster;

/** A process of the run died and restarts did not help. The message names its log file and the log's last lines. */
public final class ProcessFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    ProcessFailedException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** The process's own exit code. */
    public int exitCode() {
        return exitCode;
    }
}
