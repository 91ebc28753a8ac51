package dev.respec.ops;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a subcommand that draws at random. */
public final class SeededOptions extends ConfigurationOptions {
    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of sampling and training (run.seed); data.seed orders the prompts.")
    @Nullable
    Long seed;

    @Override
    List<String> ownSettings() {
        return seed == null ? List.of() : List.of("run.seed=" + seed);
    }
}
