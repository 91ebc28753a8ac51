package dev.respec.ops;

import dev.respec.model.TextTokenizer;
import dev.respec.model.kernels.Torch;
import dev.respec.ops.cluster.Installation;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/**
 * The last part of a build. Unpacks the native libraries into the user's cache, which stages that start together would
 * each do, and archives the classes of every process, so that runs start in half the time.
 */
@Command(name = "prepare", hidden = true, description = "Unpacks native libraries and archives classes.")
final class PrepareCommand implements Runnable {
    @Override
    public void run() {
        Installation installation = Installation.current();
        Torch.prepare();
        TextTokenizer.open(installation.models().resolve("policy")).close();
        try {
            Path scratch = Files.createTempDirectory("respec-rehearsal");
            try {
                new Rehearsal(installation, scratch).archiveClasses();
            } finally {
                FolderTree.delete(scratch);
            }
        } catch (IOException | RuntimeException e) {
            System.out.println("No class archives, so processes start more slowly: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
