package dev.respec.stage;

/** How a process ends; scripts and supervisors tell causes apart by it. */
public enum ExitCode {
    OK(0),
    /** Wrong command line or configuration. */
    USAGE(2),
    /** The broker, the registry or another service cannot be reached. */
    UNREACHABLE(3),
    /** Data or a checkpoint cannot be used. */
    BAD_INPUT(4),
    /** Anything else: worth a restart. */
    FAILED(70);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
