package dev.respec.ops.local;

import dev.respec.ops.cluster.RunFile;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/**
 * Keeps the time of this start in the run file while the run goes on, so that it counts however the start ends.
 * Thread-safe.
 */
final class RunTime {
    private final Path file;
    private final DoubleSupplier seconds;
    private RunFile before;
    private boolean finished;

    /**
     * @param before the run file as this start found it
     * @param seconds since the start of the command
     */
    RunTime(Path file, RunFile before, DoubleSupplier seconds) {
        this.file = file;
        this.before = before;
        this.seconds = seconds;
    }

    /** The run without the time of this start. */
    synchronized RunFile before() {
        return before;
    }

    synchronized void firstRollout(double after) {
        before = before.withFirstRollout(after);
        remember();
    }

    /** Writes what has passed; nothing once the run is finished. */
    synchronized void remember() {
        if (!finished) {
            before.after(seconds.getAsDouble(), RunFile.Status.RUNNING).write(file);
        }
    }

    synchronized void finish() {
        finished = true;
        before.after(seconds.getAsDouble(), RunFile.Status.FINISHED).write(file);
    }
}
