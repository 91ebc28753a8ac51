package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.inputs.Paths;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.TrainingBench;
import dev.respec.trainer.TrainingBench.Result;
import dev.respec.trainer.TrainingBench.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a training step costs. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description =
                "Milliseconds of a training step by part, tokens per second, padding, and the share of this machine's"
                        + " arithmetic, on rows of random tokens with the trainer's own settings.")
final class TrainBenchCommand implements Callable<Integer> {
    private static final double PERCENT = 100;

    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "0",
            description = "Rows of a step (default: trainer.prompts-per-step times trainer.group-size).")
    private int rows;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "15",
            description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
    private int promptTokens;

    @Option(
            names = "--response-tokens",
            paramLabel = "N",
            defaultValue = "110",
            description = "Mean tokens of a response; lengths are spread evenly, up to 40 %% to either side"
                    + " (default: ${DEFAULT-VALUE}).")
    private int responseTokens;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Steps to time (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the result there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        if (rows != 0) {
            requirePositive("--rows", rows);
        }
        requirePositive("--prompt-tokens", promptTokens);
        requirePositive("--response-tokens", responseTokens);
        requirePositive("--rounds", rounds);
        Paths.requireWritableFile("--json", json);
        RespecConfig loaded = configuration.load();
        RespecConfig config = loaded.withOverrides(List.of("model.policy="
                + Installation.current().resolve("model.policy", loaded.model().policy())));
        int count = rows > 0
                ? rows
                : config.trainer().promptsPerStep() * config.trainer().groupSize();
        System.out.printf(
                "%10s  %20s  %12s  %12s%n", "forward ms", "forward + backward", "optimiser ms", "processor ms");
        Result result = new TrainingBench(config, new Rows(count, promptTokens, responseTokens), rounds)
                .run(step -> System.out.printf(
                        Locale.ROOT,
                        "%10.1f  %20.1f  %12.1f  %12.0f%n",
                        step.forwardMs(),
                        step.forwardBackwardMs(),
                        step.optimiserMs(),
                        step.processorMs()));
        show(result, count);
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), result);
        }
        return 0;
    }

    private static void show(Result result, int rows) {
        System.out.printf(
                Locale.ROOT,
                "%n%.1f M parameters, float32, %d thread%s; %d rows, %d tokens, %d micro-batches, %.1f %% padding%n"
                        + "median step %.1f ms, %.0f tokens/s, %.1f GFLOP at %.0f %% of %.0f GFLOP/s%n",
                result.parameters() / 1e6,
                result.threads(),
                result.threads() == 1 ? "" : "s",
                rows,
                result.tokens(),
                result.microBatches(),
                PERCENT * result.paddingShare(),
                result.medianStepMs(),
                result.tokensPerSecond(),
                result.gigaflop(),
                PERCENT * result.arithmeticShare(),
                result.machineGigaflops());
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s is %d: at least 1".formatted(option, value));
        }
    }
}
