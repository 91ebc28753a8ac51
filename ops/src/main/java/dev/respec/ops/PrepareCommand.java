package dev.respec.ops;

import dev.respec.model.TextTokenizer;
import dev.respec.model.kernels.Torch;
import picocli.CommandLine.Command;

/**
 * Unpacks the native libraries into the user's cache, as the last part of a build: stages that start together would
 * each do it, and the first run would pay for it.
 */
@Command(name = "prepare", hidden = true, description = "Unpacks the native libraries.")
final class PrepareCommand implements Runnable {
    @Override
    public void run() {
        Torch.prepare();
        TextTokenizer.open(Installation.current().models().resolve("policy")).close();
    }
}
