package dev.respec.ops.local;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.Ports;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.console.Console;
import dev.respec.ops.ui.PageAddress;
import dev.respec.ops.ui.RunPage;
import dev.respec.ops.ui.WatchedRun;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The page of the run, served on loopback for as long as the run goes on. */
final class LivePage implements AutoCloseable {
    private final @Nullable RunPage page;

    private LivePage(@Nullable RunPage page) {
        this.page = page;
    }

    /** Serves it and says where, unless {@code local.page} is off. */
    static LivePage open(RespecConfig config, Installation installation, Console console) {
        if (!config.local().page()) {
            return new LivePage(null);
        }
        int port = Ports.choose("local.ports.page", config.local().ports().page());
        WatchedRun run = new WatchedRun(new RunAccess(config, installation));
        RunPage page = RunPage.start(PageAddress.loopback(port), List.of(run));
        console.line("live at " + page.url());
        return new LivePage(page);
    }

    @Override
    public void close() {
        if (page != null) {
            page.close();
        }
    }
}
