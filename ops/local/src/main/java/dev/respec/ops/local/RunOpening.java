package dev.respec.ops.local;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.console.Counts;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Decides whether a data folder's run is begun, continued or refused. */
final class RunOpening {
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private RunOpening() {}

    /**
     * Call it with the folder's lock held. Writes the run file.
     *
     * @throws BadInputException if the folder holds a finished run, or one that was started differently
     */
    static RunFile open(DataFolder folder, RespecConfig config, LocalOptions options, Clock clock) {
        if (options.start() == LocalOptions.Start.FRESH) {
            folder.clear();
        }
        folder.create();
        RunFile run = RunFile.read(folder.runFile())
                .map(found -> continued(found, folder, config, options))
                .orElseGet(() -> RunFile.begin(
                        newId(config, clock.instant()),
                        config.run().seed(),
                        config.run().steps(),
                        clock.instant()));
        run.write(folder.runFile());
        return run;
    }

    private static RunFile continued(RunFile found, DataFolder folder, RespecConfig config, LocalOptions options) {
        int steps = options.stepsGiven() ? config.run().steps() : found.steps();
        if (found.status() == RunFile.Status.FINISHED) {
            EarlyEnd.of(folder)
                    .ifPresentOrElse(
                            end -> requireMoreThan(end, found, folder, config, options),
                            () -> requireMoreSteps(steps, found, folder));
        }
        if (config.run().seed() != found.seed()) {
            throw new BadInputException(
                    ("run %s in %s was started with seed %d, not %d: leave --seed out to continue it,"
                                    + " start over with --fresh, or choose another --data-dir")
                            .formatted(
                                    found.runId(),
                                    folder.root(),
                                    found.seed(),
                                    config.run().seed()));
        }
        return found.withSteps(steps);
    }

    private static void requireMoreSteps(int steps, RunFile found, DataFolder folder) {
        if (steps <= found.steps()) {
            throw new BadInputException(("run %s in %s is finished after %s (report: %s): start over with --fresh,"
                            + " continue it with --steps above %d, or choose another --data-dir")
                    .formatted(
                            found.runId(),
                            folder.root(),
                            Counts.of(found.steps(), "step"),
                            folder.report(),
                            found.steps()));
        }
    }

    private static void requireMoreThan(
            EarlyEnd end, RunFile found, DataFolder folder, RespecConfig config, LocalOptions options) {
        boolean more = options.stepsGiven() && config.run().steps() > end.step();
        if (!more || !end.isOverUnder(config.evaluation().patience())) {
            throw new BadInputException(("run %s in %s ended early, after step %d of %d: %s (report: %s):"
                            + " start over with --fresh, continue it with --steps above %d and evaluation.patience"
                            + " above %d (0 for no early end), or choose another --data-dir")
                    .formatted(
                            found.runId(),
                            folder.root(),
                            end.step(),
                            found.steps(),
                            end.why(),
                            folder.report(),
                            end.step(),
                            end.patience()));
        }
    }

    private static String newId(RespecConfig config, Instant now) {
        return Optional.of(config.run().id()).filter(id -> !id.isBlank()).orElseGet(() -> "run-" + ID.format(now));
    }
}
