package dev.respec.ops;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Folds an adapter into the checkpoint that it belongs to. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description = "Folds a LoRA adapter (PEFT's format) into its checkpoint.")
final class MergeCommand implements Callable<Integer> {
    @Mixin
    private final CheckpointOptions options = new CheckpointOptions();

    @Option(
            names = "--adapter",
            required = true,
            paramLabel = "DIR",
            description = "Folder with adapter_config.json and adapter_model.safetensors.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path adapter;

    @Override
    public Integer call() throws IOException {
        Path folder = options.folder();
        if (Files.exists(options.output) && Files.exists(folder) && Files.isSameFile(options.output, folder)) {
            throw new BadInputException("-o " + options.output + ": is the checkpoint itself; name another folder");
        }
        Checkpoint checkpoint = Checkpoint.read(folder);
        LoraAdapter lora = LoraAdapter.read(adapter);
        lora.mergeInto(checkpoint).write(options.output, options.type);
        System.out.printf(
                Locale.ROOT,
                "Merged %d weights, %,d adapter parameters of rank %d at scale %.4g, into %s%n",
                lora.products().size(),
                lora.parameters(),
                lora.config().rank(),
                lora.config().scale(),
                options.output);
        return 0;
    }
}
