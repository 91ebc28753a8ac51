package dev.respec.scorer.code;

import java.util.List;

/** Starts a command so that its limits hold. */
interface Launcher {
    /** The whole command line of a run. */
    List<String> command(ProgramRun run, RunFolder folder);

    /** Whether programs run as another user than the scorer's. */
    boolean otherUser();

    /**
     * Ends every process of a run, the given one included. Returns once none is left.
     *
     * @param process as started
     */
    void end(Process process, RunFolder folder);
}
