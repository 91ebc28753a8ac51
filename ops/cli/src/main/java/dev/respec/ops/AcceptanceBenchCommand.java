package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.measure.AcceptanceBench;
import dev.respec.ops.measure.AcceptanceBench.Row;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether the learner judges drafters by what the engine serves. */
@Command(
        name = "acceptance",
        mixinStandardHelpOptions = true,
        description =
                "Acceptance length that the learner predicts for the drafter on held-out prompts, beside the one that"
                        + " the engine serves, at temperature 1. Exits with 1 if they are further apart than --tolerance.")
final class AcceptanceBenchCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--draft-lengths",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8",
            description = "Draft lengths to compare at (default: ${DEFAULT-VALUE}).")
    private List<Integer> draftLengths = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "N",
            defaultValue = "256",
            description = "Held-out prompts (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "4",
            description = "Answers to each prompt (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--tolerance",
            paramLabel = "SHARE",
            defaultValue = "0.03",
            description = "Largest relative difference (default: ${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        requirePositive("--prompts", prompts);
        requirePositive("--samples", samples);
        draftLengths.forEach(length -> requirePositive("--draft-lengths", length));
        Paths.requireWritableFile("--json", json);
        RespecConfig config = InstalledModels.resolve(configuration.load());
        if (config.model().drafter().equals("none")) {
            throw new ConfigException("model.drafter is none: 'bench acceptance' needs the drafter to compare");
        }
        System.out.printf(
                "%12s  %9s  %16s  %10s  %9s  %11s%n",
                "draft length", "predicted", "served", "difference", "on policy", "independent");
        List<Row> rows = new AcceptanceBench(config, prompts, samples).run(draftLengths, AcceptanceBenchCommand::show);
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), rows);
        }
        return rows.stream().allMatch(row -> Math.abs(row.difference()) <= tolerance) ? 0 : 1;
    }

    private static void show(Row row) {
        System.out.printf(
                Locale.ROOT,
                "%12d  %9.3f  %8.3f ± %.3f  %+8.1f %%  %9.3f  %11.3f%n",
                row.draftLength(),
                row.predicted(),
                row.served(),
                row.servedError(),
                100 * row.difference(),
                row.onPolicy(),
                row.independent());
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s is %d: at least 1".formatted(option, value));
        }
    }
}
