package dev.respec.ops;

import dev.respec.model.kernels.Torch;
import dev.respec.ops.local.ClassArchives;
import dev.respec.ops.local.Console;
import dev.respec.ops.local.LocalOptions;
import dev.respec.ops.local.LocalRun;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * The last part of a build. Unpacks the native libraries into the user's cache, which stages that start together would
 * each do; then runs the smallest local run there is, from which each process leaves an archive of the classes it loaded.
 * Without archives everything works, only slower to start.
 */
@Command(name = "prepare", hidden = true, description = "Unpacks native libraries and archives classes.")
final class PrepareCommand implements Runnable {
    private static final List<String> SMALLEST = List.of(
            "run.steps=1",
            "trainer.prompts-per-step=2",
            "trainer.group-size=2",
            "sampling.max-tokens=32",
            "worker.slots=4",
            "worker.cost-batches=[1,4]",
            "worker.cost-budget=1s",
            "local.evaluation=false",
            "local.bench=false",
            "local.report=true",
            "local.restart.max=0");

    @Override
    public void run() {
        Torch.prepare();
        Installation installation = Installation.current();
        try {
            Files.createDirectories(installation.archives());
            Path folder = Files.createTempDirectory("respec-prepare");
            try {
                rehearse(installation, folder);
            } finally {
                deleteTree(folder);
            }
        } catch (IOException | RuntimeException e) {
            System.out.println("No class archives (" + e.getMessage() + "): processes start without them, slower.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rehearse(Installation installation, Path folder) throws InterruptedException {
        RespecConfig config =
                RespecConfig.defaults().withOverrides(SMALLEST).withOverrides(List.of("run.data-dir=" + folder));
        LocalOptions options = new LocalOptions(LocalOptions.Start.FRESH, false, ClassArchives.MADE, null);
        new LocalRun(config, options, installation, new Console(System.out, false)).run();
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
