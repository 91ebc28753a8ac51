package dev.respec.ops;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.console.Console;
import dev.respec.ops.exports.ExportTargets;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.LearningRate;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.inputs.RunInputs;
import dev.respec.ops.inputs.ServiceInputs;
import dev.respec.ops.local.LocalOptions;
import dev.respec.ops.local.LocalRun;
import dev.respec.ops.memory.MemoryPlan;
import dev.respec.ops.memory.MemoryPlanner;
import dev.respec.ops.report.RunSummary;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a policy end to end on this machine. */
@Command(
        name = "local",
        mixinStandardHelpOptions = true,
        description = "Runs the whole pipeline on this machine: broker, registry and every stage, to the last step.")
final class LocalCommand implements Callable<Integer> {
    /** What shells use for SIGINT. */
    private static final int INTERRUPTED = 130;

    @Mixin
    private final SeededOptions configuration = new SeededOptions();

    @Option(names = "--fresh", description = "Deletes the run in the data folder and starts over.")
    private boolean fresh;

    @Option(names = "--steps", paramLabel = "N", description = "Training steps of the policy (run.steps).")
    private @Nullable Integer steps;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the summary there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() {
        RespecConfig config = configuration.load(steps == null ? List.of() : List.of("run.steps=" + steps));
        Paths.requireWritableFile("--json", json);
        ExportTargets.requireUsable(config, System.getenv());
        LocalOptions options = new LocalOptions(
                fresh ? LocalOptions.Start.FRESH : LocalOptions.Start.CONTINUE,
                steps != null,
                json == null ? null : json.toAbsolutePath());
        Console console = Console.standard();
        RespecConfig resolved = InstalledModels.resolve(config, console::line);
        RunInputs.requireAll(resolved);
        ServiceInputs.requireAnswers(resolved, console::line);
        LocalRun.requirePorts(resolved);
        MemoryPlan plan = MemoryPlanner.plan(LearningRate.suited(resolved, console::line));
        plan.lines().forEach(console::line);
        try {
            RunSummary summary = new LocalRun(plan.settled(), options, Installation.current(), console).run();
            return summary.audit().holds() ? ExitCode.OK.code() : ExitCode.FAILED.code();
        } catch (InterruptedException stopped) {
            return INTERRUPTED;
        }
    }
}
