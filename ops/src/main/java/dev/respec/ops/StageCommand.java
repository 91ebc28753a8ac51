package dev.respec.ops;

import dev.respec.ops.local.ParentWatch;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one stage in this process until it is done or told to stop. */
@Command(mixinStandardHelpOptions = true)
final class StageCommand implements Callable<Integer> {
    private final Stages.Entry stage;

    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    StageCommand(Stages.Entry stage) {
        this.stage = stage;
    }

    @Override
    public Integer call() throws InterruptedException {
        RespecConfig loaded = configuration.load();
        RespecConfig config = stage.carriesModels() ? Installation.current().resolveModels(loaded) : loaded;
        var instance = stage.create().get();
        WarmUp.of(stage.name());
        ParentWatch.awaitRelease();
        return StageProcess.run(instance, config);
    }
}
