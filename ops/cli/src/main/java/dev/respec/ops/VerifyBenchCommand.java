package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.generation.WorkerModels;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.measure.DecodeModels;
import dev.respec.ops.measure.DecodeModels.Source;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.measure.VerificationBench;
import dev.respec.ops.measure.VerificationBench.Row;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a large vocabulary costs beside the model. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description =
                "Share of a decoding step that verification and sampling take if every draft is accepted, at each of"
                        + " worker.cost-batches, for greedy, plain, top-p and top-k sampling.")
final class VerifyBenchCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Checkpoint (default: model.policy of the configuration).")
    private @Nullable Path model;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Native threads (default: all processors).")
    private int threads;

    @Option(
            names = "--draft-length",
            paramLabel = "N",
            defaultValue = "8",
            description = "Tokens drafted per sequence (default: ${DEFAULT-VALUE}).")
    private int draftLength;

    @Option(
            names = "--segment",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Milliseconds of one turn (default: ${DEFAULT-VALUE}).")
    private int segment;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Turns of each way to sample (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        requirePositive("--draft-length", draftLength);
        requirePositive("--segment", segment);
        requirePositive("--rounds", rounds);
        Paths.requireWritableFile("--json", json);
        RespecConfig config = InstalledModels.resolve(configuration.load(List.of(), settings()));
        Path policy = Path.of(config.model().policy());
        System.out.printf(
                "%-38s  %6s  %10s  %9s  %9s  %11s  %7s%n",
                "sampling", "batch", "acceptance", "step ms", "pass ms", "sampling ms", "share");
        var bench = new VerificationBench(config, Duration.ofMillis(segment), rounds);
        List<Row> rows;
        try (WorkerModels models = DecodeModels.load(config, Source.CHECKPOINT, List.of(bench.oracle()))) {
            rows = bench.run(models, HeldOut.of(config, policy), draftLength, VerifyBenchCommand::show);
        }
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), rows);
        }
        return 0;
    }

    private List<String> settings() {
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        List<String> settings = new ArrayList<>(List.of("worker.threads=" + count, "model.drafter=none"));
        if (model != null) {
            settings.add("model.policy=" + model.toAbsolutePath());
        }
        return settings;
    }

    private static void show(Row row) {
        System.out.printf(
                Locale.ROOT,
                "%-38s  %6d  %10.2f  %9.2f  %9.2f  %11.2f  %5.1f %%%n",
                row.sampling(),
                row.batch(),
                row.acceptanceLength(),
                row.stepMilliseconds(),
                row.passMilliseconds(),
                row.verdictMilliseconds(),
                100 * row.share());
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s is %d: at least 1".formatted(option, value));
        }
    }
}
