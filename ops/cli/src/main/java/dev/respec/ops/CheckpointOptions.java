package dev.respec.ops;

import dev.respec.model.checkpoint.ElementType;
import dev.respec.ops.cluster.Installation;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of a subcommand that turns one checkpoint into another. */
final class CheckpointOptions {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            defaultValue = Installation.POLICY,
            description = "Checkpoint to read (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    String model;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "Folder to write into.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    Path output;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            converter = StoredType.class,
            description = "Element type of what is written, float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ElementType type;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    private boolean debug;

    Path folder() {
        return Path.of(Installation.current().resolve("--model", model));
    }
}
