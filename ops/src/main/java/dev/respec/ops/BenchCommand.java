package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.measure.DecodeBench;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "decode",
        description = "Measures parts of the pipeline on this machine.")
final class BenchCommand {
    @Command(
            name = "decode",
            mixinStandardHelpOptions = true,
            description = "Tokens a second of every drafter and draft length at every batch, against plain decoding.")
    int decode(
            @Mixin ConfigurationOptions configuration,
            @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint; model.policy where left out.")
                    @Nullable
                    Path model,
            @Option(names = "--drafter", paramLabel = "DIR", description = "Drafter; model.drafter where left out.")
                    @Nullable
                    Path drafter,
            @Option(
                            names = "--segment",
                            paramLabel = "MS",
                            defaultValue = "250",
                            description = "Milliseconds of one turn (${DEFAULT-VALUE}).")
                    int segment,
            @Option(
                            names = "--pairs",
                            paramLabel = "N",
                            defaultValue = "4",
                            description = "Turns of each setting and of plain decoding (${DEFAULT-VALUE}).")
                    int pairs,
            @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows there, for machines.")
                    @Nullable
                    Path json)
            throws IOException {
        List<String> settings = new ArrayList<>();
        if (model != null) {
            settings.add("model.policy=" + model.toAbsolutePath());
        }
        if (drafter != null) {
            settings.add("model.drafter=" + drafter.toAbsolutePath());
        }
        RespecConfig config = Installation.current().resolveModels(configuration.load(settings));
        boolean none = config.model().drafter().equals("none");
        System.out.printf("%6s  %-10s  %10s  %10s  %8s%n", "batch", "setting", "tokens/s", "acceptance", "speed-up");
        DecodeBench.Result result = new DecodeBench(config, Duration.ofMillis(segment), pairs)
                .run(
                        Path.of(config.model().policy()),
                        none ? null : Path.of(config.model().drafter()),
                        BenchCommand::show);
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), result);
        }
        return 0;
    }

    private static void show(DecodeBench.Row row) {
        System.out.printf(
                Locale.ROOT,
                "%6d  %-10s  %10.0f  %10.2f  %7.2fx%n",
                row.batch(),
                row.setting(),
                row.tokensPerSecond(),
                row.acceptanceLength(),
                row.speedupOverOff());
    }
}
