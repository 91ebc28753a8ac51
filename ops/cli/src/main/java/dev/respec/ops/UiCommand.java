package dev.respec.ops;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.console.Console;
import dev.respec.ops.ui.PageAddress;
import dev.respec.ops.ui.RunPage;
import dev.respec.ops.ui.WatchedRun;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves the page of runs until it is interrupted. */
@Command(
        name = "ui",
        mixinStandardHelpOptions = true,
        description = "Serves a page that shows runs: curves, rollouts, speculation, comparison. Runs of data folders,"
                + " finished and running ones, or runs on the cluster of a configuration.")
final class UiCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 7717;
    private static final long FEWEST_RECORDS = 100;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Folder of a run (default: ./respec-data); give it again for more runs.")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration of a cluster: reads the run that it names from its topics.")
    private @Nullable Path file;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Overrides one configuration key of the cluster; may be repeated.")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--run",
            paramLabel = "ID",
            description = "Run on the cluster (default: run.id of the configuration); give it again for more runs.")
    private List<String> runs = new ArrayList<>();

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Most records read of each topic of a cluster, the newest ones (${DEFAULT-VALUE}).")
    private long records;

    @Option(names = "--port", paramLabel = "N", description = "Port of the page (default: 7717); 0 takes a free one.")
    private int port = DEFAULT_PORT;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen at (${DEFAULT-VALUE}); any but loopback needs a token.")
    private String host = "127.0.0.1";

    @Option(
            names = "--token",
            paramLabel = "TEXT",
            description = "Token that browsers must show; if left out and --host needs one, one is made.")
    private @Nullable String token;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    private boolean debug;

    /** A run with its name for the terminal; its thread begins with the supplier. */
    private record Served(String name, Supplier<WatchedRun> run) {}

    @Override
    public Integer call() throws InterruptedException {
        Console console = Console.standard();
        List<Served> served = new ArrayList<>();
        if (onCluster()) {
            served.addAll(clusterRuns(console));
        }
        List<Path> named = folders.isEmpty() && !onCluster() ? List.of(Path.of("respec-data")) : folders;
        named.stream().map(UiCommand::localRun).forEach(served::add);
        PageAddress address = PageAddress.of(host, port, token);
        try (RunPage page = RunPage.start(
                address, served.stream().map(each -> each.run().get()).toList())) {
            console.line("live at " + page.url());
            served.forEach(each -> console.line("  " + each.name()));
            console.line("Ctrl-C ends it.");
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private boolean onCluster() {
        return file != null || !sets.isEmpty() || !runs.isEmpty();
    }

    private List<Served> clusterRuns(Console console) {
        if (records < FEWEST_RECORDS) {
            throw new ConfigException("--records is %d: give %d or more".formatted(records, FEWEST_RECORDS));
        }
        RespecConfig config = ConfigurationOptions.load(file, sets);
        List<String> ids = runs.isEmpty() ? List.of(config.run().id()) : runs;
        if (ids.stream().anyMatch(String::isBlank)) {
            throw new ConfigException("ui: the configuration names no run: set run.id, or give --run ID");
        }
        return ids.stream()
                .map(id -> new Served(
                        "%s on kafka at %s".formatted(id, config.cluster().bootstrapServers()),
                        () -> WatchedRun.onCluster(
                                config.withOverrides(List.of("run.id=" + id)), records, console::line)))
                .toList();
    }

    private static Served localRun(Path folder) {
        RespecConfig config = RespecConfig.defaults()
                .withOverrides(List.of("run.data-dir=" + folder.toAbsolutePath().normalize()));
        RunAccess access = new RunAccess(config, Installation.current());
        RunFile run = access.localRun()
                .orElseThrow(() -> new BadInputException("ui: no run in "
                        + access.folder().root() + ": name the --data-dir of a run, or start one with 'respec local'"));
        return new Served(run.runId() + " in " + access.folder().root(), () -> new WatchedRun(access));
    }
}
