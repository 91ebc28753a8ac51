package dev.respec.ops.exports;

import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunItems;
import dev.respec.ops.exports.run.RunTail;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Exports a run from its topics to the targets, from its first step, and follows the run while it goes on. Each target
 * remembers its progress, so an export that is started again continues. One thread.
 */
public final class Exporter {
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LAST_TRIES = Duration.ofSeconds(30);

    private final RunAccess access;
    private final RespecConfig config;
    private final List<ExportTarget> targets;
    private final Consumer<String> told;

    /** Until when a run is followed. */
    public enum Until {
        /** Exports what is recorded and ends. */
        NOW,
        /** The run's end; a cluster's run is followed until the thread is interrupted. */
        END
    }

    /**
     * An exporter of one run.
     *
     * @param access to the run
     * @param config that access was made with
     * @param told lines for the user
     */
    public Exporter(RunAccess access, RespecConfig config, ExportTargets targets, Consumer<String> told) {
        this.access = access;
        this.config = config;
        this.targets = targets.all();
        this.told = told;
    }

    /**
     * Exports.
     *
     * @param beside whether the run's own process waits for the end of this one, and keeps the broker until then
     * @throws BadInputException if neither folder nor configuration names a run
     * @throws TargetUnavailableException if a target has not taken everything in the end
     */
    public void run(Until until, boolean beside) throws InterruptedException {
        Optional<RespecConfig> goingOn = access.goingOn();
        if (goingOn.isPresent()) {
            if (followLocal(goingOn.get(), until, beside)) {
                return;
            }
        } else if (access.localRun().isEmpty() && !config.run().id().isBlank()) {
            followCluster(until);
            return;
        }
        access.read(run -> {
            exportAll(run);
            return true;
        });
    }

    /** Returns whether everything is exported; if not, the run has ended and its topics must be read in another way. */
    private boolean followLocal(RespecConfig running, Until until, boolean beside) throws InterruptedException {
        RunFacts facts = RunSettings.facts(access.localRun().orElseThrow(), Optional.of(running));
        try (EventLog events = new EventLog(running.cluster(), "respec-export")) {
            events.verifyReachable(REACH_TIMEOUT);
            try (Session session = new Session(events, facts)) {
                while (until == Until.END && access.isGoingOn()) {
                    session.advance(Instant.now());
                    Thread.sleep(PERIOD.toMillis());
                }
                if (until == Until.END && !beside) {
                    return false;
                }
                session.complete();
            }
        }
        return true;
    }

    private void followCluster(Until until) throws InterruptedException {
        RunFacts facts = new RunFacts(config.run().id(), Instant.now(), new TreeMap<>());
        try (EventLog events = new EventLog(config.cluster(), "respec-export")) {
            events.verifyReachable(REACH_TIMEOUT);
            try (Session session = new Session(events, facts)) {
                while (until == Until.END) {
                    session.advance(Instant.now());
                    Thread.sleep(PERIOD.toMillis());
                }
                session.complete();
            }
        }
    }

    private void exportAll(OpenRun run) {
        RunFacts facts = RunSettings.facts(access.localRun().orElseThrow(), access.recordedConfig());
        try (Session session = new Session(run.events(), facts)) {
            session.complete();
        }
    }

    /** One reading of the topics. */
    private final class Session implements AutoCloseable {
        private final RunItems items;
        private final RunTail tail;
        private final List<Delivery> deliveries;

        Session(EventLog events, RunFacts facts) {
            items = new RunItems(facts.runId());
            tail = new RunTail(events, items);
            deliveries = targets.stream()
                    .map(target -> new Delivery(target, facts, told))
                    .toList();
        }

        void advance(Instant now) {
            tail.catchUp();
            var taken = items.take(now);
            deliveries.forEach(delivery -> delivery.add(taken));
            deliveries.forEach(Delivery::deliver);
        }

        /** Exports everything recorded, and the outcome if the run is over. */
        void complete() {
            advance(Instant.MAX);
            boolean over = access.localRun()
                    .filter(run -> run.status() == RunFile.Status.FINISHED)
                    .isPresent();
            deliveries.forEach(delivery -> delivery.complete(
                    LAST_TRIES, over ? Optional.of(RunSettings.outcome(access.folder())) : Optional.empty()));
        }

        @Override
        public void close() {
            tail.close();
        }
    }
}
