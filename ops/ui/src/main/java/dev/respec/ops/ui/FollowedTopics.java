package dev.respec.ops.ui;

import dev.respec.ops.replay.RunDatabase;
import dev.respec.ops.replay.RunFollower;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads the topics of a run that goes on, with consumers of its own that have no group and write nothing. */
final class FollowedTopics {
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(10);
    private static final String RECORDS =
            "SELECT (SELECT count(*) FROM steps) + (SELECT count(*) FROM requests) + (SELECT count(*) FROM scores)";
    private static final Duration BETWEEN_NOTICES = Duration.ofMillis(500);

    private final RespecConfig config;
    private final long mostRecords;
    private final @Nullable String absent;

    /** @param absent is told while the topics hold nothing of the run; null tells nothing */
    FollowedTopics(RespecConfig config, long mostRecords, @Nullable String absent) {
        this.config = config;
        this.mostRecords = mostRecords;
        this.absent = absent;
    }

    /** Returns when the run has ended. */
    void follow(WatchedRun.Watch watch, BooleanSupplier goesOn) throws InterruptedException {
        watch.notice("reading the run's topics");
        try (EventLog events = new EventLog(config.cluster(), "respec-page")) {
            events.verifyReachable(REACH_TIMEOUT);
            watch.begin();
            try (RunDatabase opened = new RunDatabase();
                    RunFollower follower = opened.follow(events, config.run().id(), mostRecords)) {
                follower.catchUp(firstReading(watch));
                ReadingPace pace = ReadingPace.ofThisMachine();
                while (!watch.isClosed() && goesOn.getAsBoolean()) {
                    watch.show(opened, warnings(opened, follower));
                    watch.pause(pace.pause());
                    pace.begin();
                    follower.catchUp((done, total) -> {});
                }
            } finally {
                watch.forget();
            }
        }
    }

    private List<String> warnings(RunDatabase opened, RunFollower follower) {
        List<String> warnings = new ArrayList<>(follower.refused());
        if (warnings.isEmpty() && absent != null && opened.number(RECORDS, List.of()) == 0) {
            warnings.add(absent);
        }
        return warnings;
    }

    private static RunFollower.Progress firstReading(WatchedRun.Watch watch) {
        long[] next = {System.nanoTime() + BETWEEN_NOTICES.toNanos()};
        return (done, total) -> {
            if (System.nanoTime() - next[0] > 0) {
                next[0] = System.nanoTime() + BETWEEN_NOTICES.toNanos();
                watch.notice(String.format(Locale.ROOT, "reading the run's topics: %,d of %,d records", done, total));
            }
        };
    }
}
