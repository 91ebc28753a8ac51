package dev.respec.ops;

import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.Stages;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.LearningRate;
import dev.respec.ops.inputs.RunInputs;
import dev.respec.ops.memory.StageLimit;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one stage in this process until it is done or told to stop. */
@Command(mixinStandardHelpOptions = true)
final class StageCommand implements Callable<Integer> {
    /** Local mode restarts broker and registry, so a stage waits for them as long as that may take. */
    private static final Duration UNDER_A_SUPERVISOR = Duration.ofMinutes(5);

    private final Stages stage;

    @Mixin
    private final ConfigurationOptions configuration;

    StageCommand(Stages stage) {
        this.stage = stage;
        this.configuration = stage.carriesModels() ? new SeededOptions() : new ConfigurationOptions();
    }

    @Override
    public Integer call() throws InterruptedException {
        RespecConfig loaded = configuration.load();
        RespecConfig config = stage.carriesModels() ? InstalledModels.resolve(loaded) : loaded;
        RunInputs.requireForStage(stage.subcommand(), config);
        if (stage.carriesModels() && !ParentWatch.supervised()) {
            config = StageLimit.fit(stage.subcommand(), config, line -> System.err.println("respec: " + line));
        }
        if (stage.subcommand().equals("trainer")) {
            config = LearningRate.suited(config, line -> System.err.println("respec: " + line));
        }
        var instance = stage.create();
        WarmUp.of(stage);
        ParentWatch.awaitRelease();
        return ParentWatch.supervised()
                ? StageProcess.run(instance, config, UNDER_A_SUPERVISOR)
                : StageProcess.run(instance, config);
    }
}
