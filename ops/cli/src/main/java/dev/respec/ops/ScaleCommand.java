package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.measure.ScaleBench;
import dev.respec.stage.FolderTree;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How many workers a scorer, a controller and a trainer keep up with. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        description = "Replays a run's records through scorer, controller and the trainer's reader at full speed.")
final class ScaleCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "20000",
            description =
                    "Records for each stage, at least; the recorded ones are repeated (default: ${DEFAULT-VALUE}).")
    private int records;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the result there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (records < 1) {
            throw new ConfigException("--records is %d: at least 1".formatted(records));
        }
        RunAccess access = new RunAccess(configuration.load(), Installation.current());
        ScaleBench.Recorded recorded = access.read(ScaleBench.Recorded::of);
        Path scratch = Files.createTempDirectory("respec-scale");
        ScaleBench.Result result;
        try {
            result = access.onScratchCluster(scratch, config -> measure(recorded, config, scratch));
        } finally {
            FolderTree.delete(scratch);
        }
        System.out.printf(
                Locale.ROOT,
                "A worker of this run wrote %.1f rollouts and %.1f statistics a second (%d worker%s).%n",
                result.worker().rolloutsPerSecond(),
                result.worker().statisticsPerSecond(),
                result.worker().workers(),
                result.worker().workers() == 1 ? "" : "s");
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), result);
        }
        return 0;
    }

    private ScaleBench.Result measure(ScaleBench.Recorded recorded, RespecConfig config, Path scratch) {
        System.out.printf(
                "%-16s %9s %8s %11s %11s %16s %14s%n",
                "stage", "records", "seconds", "cpu seconds", "records/s", "records/s, core", "workers a core");
        try {
            return new ScaleBench(recorded, config, records, scratch.resolve("state")).run(ScaleCommand::show);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void show(ScaleBench.Row row) {
        System.out.printf(
                Locale.ROOT,
                "%-16s %,9d %8.1f %11.1f %,11.0f %,16.0f %,14.0f%n",
                row.stage(),
                row.records(),
                row.seconds(),
                row.secondsOfProcessor(),
                row.recordsPerSecond(),
                row.recordsPerSecondPerCore(),
                row.workersFed());
    }
}
