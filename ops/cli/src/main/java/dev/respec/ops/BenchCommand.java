package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.generation.WorkerModels;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.measure.DecodeModels;
import dev.respec.ops.measure.DecodeModels.Source;
import dev.respec.ops.measure.DecodeReport;
import dev.respec.ops.measure.DeviceCheck;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.measure.Soak;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
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
        synopsisSubcommandLabel = "(decode | verify | train | acceptance | device | soak | scale)",
        subcommands = {
            ScaleCommand.class,
            TrainBenchCommand.class,
            AcceptanceBenchCommand.class,
            VerifyBenchCommand.class
        },
        description = "Measures parts of the pipeline on this machine.")
final class BenchCommand {
    /** What to measure with, beside the configuration. */
    static final class DecodeOptions {
        @Option(
                names = "--model",
                paramLabel = "DIR",
                description = "Checkpoint. If left out: the shipped policy grown to about 80 M parameters, bfloat16.")
        @Nullable
        Path model;

        @Option(names = "--drafter", paramLabel = "DIR", description = "Drafter of that checkpoint; none if left out.")
        @Nullable
        Path drafter;

        @Option(
                names = "--threads",
                paramLabel = "N",
                defaultValue = "0",
                description = "Native threads (default: all processors).")
        int threads;

        @Option(
                names = "--segment",
                paramLabel = "MS",
                defaultValue = "400",
                description = "Milliseconds of one turn (default: ${DEFAULT-VALUE}).")
        int segment;

        @Option(
                names = "--rounds",
                paramLabel = "N",
                defaultValue = "6",
                description = "Turns of each setting (default: ${DEFAULT-VALUE}).")
        int rounds;

        @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows there, for machines.")
        @Nullable
        Path json;

        @Option(names = "--plot", paramLabel = "FILE", description = "Also writes a page with plots there.")
        @Nullable
        Path plot;

        @Option(
                names = "--peers",
                paramLabel = "FILE",
                description = "Rows that a script of ops/bench/peers wrote, to show beside these.")
        @Nullable
        Path peers;

        /** Settings of the configuration that these options stand for. */
        List<String> settings() {
            List<String> settings = new ArrayList<>(List.of("worker.threads="
                    + (threads > 0 ? threads : Runtime.getRuntime().availableProcessors())));
            if (model != null) {
                settings.add("model.policy=" + model.toAbsolutePath());
                settings.add("model.drafter="
                        + (drafter == null ? "none" : drafter.toAbsolutePath().toString()));
            }
            return settings;
        }
    }

    /** How long generation goes on and how often weights are swapped. */
    static final class SoakOptions {
        @Option(
                names = "--minutes",
                paramLabel = "N",
                defaultValue = "60",
                description = "Length (default: ${DEFAULT-VALUE}).")
        int minutes;

        @Option(
                names = "--swap-seconds",
                paramLabel = "N",
                defaultValue = "60",
                description = "Between two swaps of the weights (default: ${DEFAULT-VALUE}).")
        int swapSeconds;
    }

    @Command(
            name = "decode",
            mixinStandardHelpOptions = true,
            description =
                    "Tokens per second of every drafter, chain and tree and of the controller's choice at every batch,"
                            + " against plain decoding; and what the machine could reach.")
    int decode(@Mixin ConfigurationOptions configuration, @Mixin DecodeOptions options) throws IOException {
        Paths.requireWritableFile("--json", options.json);
        Paths.requireWritableFile("--plot", options.plot);
        Source source =
                options.model == null && configuration.load().model().policy().equals(Installation.POLICY)
                        ? Source.GROWN
                        : Source.CHECKPOINT;
        List<String> suggestions = source == Source.GROWN ? DecodeModels.GROWN_SETTINGS : List.of();
        RespecConfig config = InstalledModels.resolve(configuration.load(suggestions, options.settings()));
        DecodeTable.showHeader();
        DecodeBench.Result result = measure(config, options, source);
        DecodeTable.showMachine(result);
        DecodeTable.showBounds(result);
        if (options.peers != null) {
            DecodeTable.showPeers(result, options.peers);
        }
        write(result, options);
        return 0;
    }

    private static DecodeBench.Result measure(RespecConfig config, DecodeOptions options, Source source) {
        Path policy = Path.of(config.model().policy());
        String name = source == Source.GROWN ? "the shipped policy, grown" : policy.toString();
        var bench = new DecodeBench(config, Duration.ofMillis(options.segment), options.rounds, DecodeTable::show);
        try (WorkerModels models = DecodeModels.load(config, source, List.of(bench.oracle()))) {
            return bench.run(name, models, HeldOut.of(config, policy));
        }
    }

    private static void write(DecodeBench.Result result, DecodeOptions options) throws IOException {
        if (options.json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(options.json.toFile(), result);
        }
        if (options.plot != null) {
            Files.writeString(options.plot, new DecodeReport(result).render());
        }
    }

    @Command(
            name = "device",
            mixinStandardHelpOptions = true,
            description = "Compares what --device computes with what the processor computes: tokens, log-probabilities,"
                    + " speculation, gradients. Exits with 1 if they differ.")
    int device(@Mixin ConfigurationOptions configuration) {
        RespecConfig config = InstalledModels.resolve(configuration.load());
        String drafter = config.model().drafter();
        var check = new DeviceCheck(
                config, Path.of(config.model().policy()), drafter.equals("none") ? null : Path.of(drafter));
        boolean holds = true;
        for (DeviceCheck.Finding finding : check.run()) {
            System.out.printf(
                    Locale.ROOT,
                    "%-66s  %9.2e  at most %7.0e  %s%n",
                    finding.what(),
                    finding.difference(),
                    finding.tolerance(),
                    finding.holds() ? "ok" : "DIFFERS");
            holds &= finding.holds();
        }
        return holds ? 0 : 1;
    }

    @Command(
            name = "soak",
            mixinStandardHelpOptions = true,
            description = "Generates without a pause, swaps weights at an interval and watches the resident memory.")
    int soak(@Mixin ConfigurationOptions configuration, @Mixin SoakOptions options) {
        RespecConfig config = InstalledModels.resolve(configuration.load(List.of()));
        System.out.printf("%8s  %10s  %6s  %12s%n", "minutes", "tokens", "swaps", "resident MB");
        var soak = new Soak(config, Duration.ofMinutes(options.minutes), Duration.ofSeconds(options.swapSeconds));
        String drafter = config.model().drafter();
        List<Soak.Sample> samples = soak.run(
                Path.of(config.model().policy()),
                drafter.equals("none") ? null : Path.of(drafter),
                sample -> System.out.printf(
                        Locale.ROOT,
                        "%8.1f  %,10d  %6d  %12.1f%n",
                        sample.minutes(),
                        sample.tokens(),
                        sample.swaps(),
                        sample.residentMegabytes()));
        int settled = samples.size() / 3;
        System.out.printf(
                Locale.ROOT,
                "resident memory after a third of the time %.1f MB, at the end %.1f MB%n",
                samples.get(settled).residentMegabytes(),
                samples.get(samples.size() - 1).residentMegabytes());
        return 0;
    }
}
