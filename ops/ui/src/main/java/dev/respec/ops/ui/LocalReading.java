package dev.respec.ops.ui;

import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the run of a data folder: its topics while it goes on, the tables kept in the folder when it is over. */
record LocalReading(RunAccess access) implements RunReading {
    private static final Duration CHANGES = Duration.ofSeconds(2);

    @Override
    public void read(WatchedRun.Watch watch) throws InterruptedException {
        if (access.localRun().isEmpty()) {
            throw new BadInputException("no run in " + access.folder().root()
                    + ": name another --data-dir, or start one with 'respec local --data-dir "
                    + access.folder().root() + "'");
        }
        Optional<RespecConfig> config = access.goingOn();
        if (config.isPresent()) {
            new FollowedTopics(config.get(), Long.MAX_VALUE, null).follow(watch, access::isGoingOn);
        } else {
            load(watch);
        }
    }

    /** Returns when the folder's run has changed: it was continued, or another one was begun. */
    private void load(WatchedRun.Watch watch) throws InterruptedException {
        RunFile read = access.localRun().orElseThrow();
        watch.notice("reading the run's topics; the first time this takes about ten seconds");
        watch.begin();
        try (RunDatabase opened = new RunDatabase()) {
            opened.load(access);
            watch.show(opened, List.of());
            while (!watch.isClosed() && access.localRun().equals(Optional.of(read)) && !access.isGoingOn()) {
                watch.pause(CHANGES);
            }
        } finally {
            watch.forget();
        }
    }
}
