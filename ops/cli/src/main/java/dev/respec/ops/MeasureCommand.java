package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.measure.AfterTraining;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What local mode runs when training is over. */
@Command(name = "measure", hidden = true, mixinStandardHelpOptions = true, description = "Measures a finished run.")
final class MeasureCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--task", required = true, paramLabel = "FILE", description = "What to measure.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path task;

    @Option(names = "--result", required = true, paramLabel = "FILE", description = "Where the result goes.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path result;

    @Override
    public Integer call() throws IOException {
        RespecConfig config = configuration.load();
        AfterTraining.Result measured =
                new AfterTraining(config, System.out::println).run(AfterTraining.Task.read(task));
        new ObjectMapper().writeValue(result.toFile(), measured);
        return 0;
    }
}
