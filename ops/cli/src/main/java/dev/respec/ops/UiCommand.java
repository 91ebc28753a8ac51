package dev.respec.ops;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.console.Console;
import dev.respec.ops.ui.PageAddress;
import dev.respec.ops.ui.RunPage;
import dev.respec.ops.ui.WatchedRun;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves the page of runs until it is interrupted. */
@Command(
        name = "ui",
        mixinStandardHelpOptions = true,
        description =
                "Serves a page that shows runs, finished and running ones: curves, rollouts, speculation, comparison.")
final class UiCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 7717;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Folder of a run (default: ./respec-data); give it again for more runs.")
    private List<Path> folders = new ArrayList<>();

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
            description = "Token that browsers must show; without it one is made where --host needs one.")
    private @Nullable String token;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    private boolean debug;

    @Override
    public Integer call() throws InterruptedException {
        List<Path> named = folders.isEmpty() ? List.of(Path.of("respec-data")) : folders;
        List<RunAccess> runs = named.stream().map(UiCommand::access).toList();
        PageAddress address = PageAddress.of(host, port, token);
        Console console = Console.standard();
        try (RunPage page =
                RunPage.start(address, runs.stream().map(WatchedRun::new).toList())) {
            console.line("live at " + page.url());
            runs.forEach(run -> console.line("  "
                    + run.localRun().orElseThrow().runId() + " in "
                    + run.folder().root()));
            console.line("Ctrl-C ends it.");
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private static RunAccess access(Path folder) {
        RespecConfig config = RespecConfig.defaults()
                .withOverrides(List.of("run.data-dir=" + folder.toAbsolutePath().normalize()));
        RunAccess access = new RunAccess(config, Installation.current());
        if (access.localRun().isEmpty()) {
            throw new BadInputException("ui: no run in " + access.folder().root()
                    + ": name the --data-dir of a run, or start one with 'respec local'");
        }
        return access;
    }
}
