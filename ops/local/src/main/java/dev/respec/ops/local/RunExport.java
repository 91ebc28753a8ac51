package dev.respec.ops.local;

import dev.respec.ops.cluster.LocalProcesses;
import dev.respec.ops.cluster.SupervisedProcess;
import dev.respec.ops.cluster.Supervisor;
import dev.respec.ops.console.Console;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The process that exports the run's metrics, if the configuration names a target. The run never waits for it, but at its end. */
final class RunExport {
    /** A large policy may have to be uploaded. */
    private static final Duration MOST_END = Duration.ofMinutes(10);

    private final Supervisor supervisor;
    private final Console console;
    private final @Nullable SupervisedProcess process;

    private RunExport(Supervisor supervisor, Console console, @Nullable SupervisedProcess process) {
        this.supervisor = supervisor;
        this.console = console;
        this.process = process;
    }

    static RunExport start(RespecConfig config, LocalProcesses processes, Supervisor supervisor, Console console) {
        return new RunExport(supervisor, console, config.metrics().any() ? supervisor.start(processes.export()) : null);
    }

    /** Returns when the rest of the run is exported; the run's file must say that it is finished. */
    void awaitEnd() throws InterruptedException {
        if (process == null) {
            return;
        }
        long deadline = System.nanoTime() + MOST_END.toNanos();
        while (!process.isOver()) {
            if (System.nanoTime() > deadline) {
                console.line("  ! the export has not ended after " + MOST_END.toMinutes()
                        + " minutes: 'respec export' goes on where it is");
                return;
            }
            supervisor.tend();
            console.bottom("exporting the rest of the metrics");
            Thread.sleep(100);
        }
        console.clearBottom();
    }
}
