package dev.respec.ops;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Folds an adapter into the checkpoint that it belongs to. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description = "Folds a LoRA adapter (PEFT's format) into its checkpoint.")
final class MergeCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            defaultValue = "builtin:policy",
            description = "Checkpoint that the adapter was trained on (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String model;

    @Option(
            names = "--adapter",
            required = true,
            paramLabel = "DIR",
            description = "Folder with adapter_config.json and adapter_model.safetensors.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path adapter;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "Folder that the merged checkpoint is written to.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path output;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            converter = StoredType.class,
            description = "Element type of what is written, float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ElementType type;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    private boolean debug;

    @Override
    public Integer call() throws IOException {
        Path folder = Path.of(Installation.current().resolve("--model", model));
        if (Files.exists(output) && Files.exists(folder) && Files.isSameFile(output, folder)) {
            throw new BadInputException("-o " + output + ": is the checkpoint itself; name another folder");
        }
        Checkpoint checkpoint = Checkpoint.read(folder);
        LoraAdapter lora = LoraAdapter.read(adapter);
        lora.mergeInto(checkpoint).write(output, type);
        System.out.printf(
                Locale.ROOT,
                "Merged %d weights, %,d adapter parameters of rank %d at scale %.4g, into %s%n",
                lora.products().size(),
                lora.parameters(),
                lora.config().rank(),
                lora.config().scale(),
                output);
        return 0;
    }
}
