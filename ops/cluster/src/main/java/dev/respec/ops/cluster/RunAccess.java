package dev.respec.ops.cluster;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Reads a run's topics wherever they are: in a data folder whose run is over (broker and registry are started for the
 * time of the read), in one whose run goes on, or on the cluster of the configuration.
 */
public final class RunAccess {
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration OTHER_READER = Duration.ofMinutes(2);

    private final RespecConfig config;
    private final Installation installation;
    private final DataFolder folder;

    public RunAccess(RespecConfig config, Installation installation) {
        this.config = config;
        this.installation = installation;
        this.folder = new DataFolder(config.run().dataDir());
    }

    /** A run whose topics can be read while the function runs. */
    public record OpenRun(String runId, EventLog events, RespecConfig config) {}

    public DataFolder folder() {
        return folder;
    }

    /** What the data folder knows of its run; empty if it has none, or another run is asked for by {@code run.id}. */
    public Optional<RunFile> localRun() {
        return RunFile.read(folder.runFile())
                .filter(run -> config.run().id().isBlank() || config.run().id().equals(run.runId()));
    }

    /** @throws BadInputException if neither folder nor configuration names a run */
    public <T> T read(Function<OpenRun, T> reader) throws InterruptedException {
        Optional<RunFile> local = localRun();
        if (local.isEmpty()) {
            if (config.run().id().isBlank()) {
                throw new BadInputException("no run in " + folder.root()
                        + ": name its --data-dir, or set run.id to read a run from the cluster of the configuration");
            }
            return readCluster(config, config.run().id(), reader);
        }
        Optional<FolderLock> lock = lock();
        if (lock.isEmpty()) {
            return readCluster(runningConfig(), local.get().runId(), reader);
        }
        try (FolderLock held = lock.get()) {
            return readStopped(local.get(), reader);
        }
    }

    /** Whether a process works at the run; false if it is over or was stopped, whoever reads it. */
    public boolean isGoingOn() {
        return localRun().filter(run -> run.status() == RunFile.Status.RUNNING).isPresent()
                && FolderLock.isHeldByRun(folder);
    }

    /** The configuration that leads to the run's topics while it goes on; empty if it is over or was stopped. */
    public Optional<RespecConfig> goingOn() {
        return isGoingOn() ? Optional.of(runningConfig()) : Optional.empty();
    }

    /** Empty if the run goes on. Waits for another reader, and for a run that is over and about to end. */
    private Optional<FolderLock> lock() throws InterruptedException {
        long deadline = System.nanoTime() + OTHER_READER.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<FolderLock> lock = FolderLock.tryAcquireToRead(folder);
            if (lock.isPresent() || isGoingOn()) {
                return lock;
            }
            Thread.sleep(200);
        }
        throw new BadInputException("another respec has been reading " + folder.root() + " for "
                + OTHER_READER.toMinutes() + " minutes: ask again when it has ended");
    }

    private RespecConfig runningConfig() {
        return recordedConfig()
                .orElseThrow(() -> new BadInputException(
                        "the run in " + folder.root() + " is just starting: ask again in a moment"));
    }

    /** The configuration that the data folder's run had when it was last started; empty if there is none. */
    public Optional<RespecConfig> recordedConfig() {
        return localRun().isPresent() && Files.exists(folder.configuration())
                ? Optional.of(RespecConfig.load(folder.configuration(), Map.of(), List.of()))
                : Optional.empty();
    }

    private static <T> T readCluster(RespecConfig config, String runId, Function<OpenRun, T> reader) {
        try (EventLog events = new EventLog(config.cluster(), "respec-read")) {
            events.verifyReachable(REACH_TIMEOUT);
            return reader.apply(new OpenRun(runId, events, config));
        }
    }

    private <T> T readStopped(RunFile run, Function<OpenRun, T> reader) throws InterruptedException {
        return withCluster(
                folder, config, (events, reachable) -> reader.apply(new OpenRun(run.runId(), events, reachable)));
    }

    /**
     * Runs the work on a broker and a registry of its own, which hold nothing and go with it.
     *
     * @param scratch where they keep their data; the caller deletes it
     * @param work is given the configuration that leads there
     */
    public <T> T onScratchCluster(Path scratch, Function<RespecConfig, T> work) throws InterruptedException {
        DataFolder data = new DataFolder(scratch);
        data.create();
        RespecConfig own = config.withOverrides(List.of("local.ports.broker=0", "local.ports.registry=0"));
        return withCluster(data, own, (events, reachable) -> work.apply(reachable));
    }

    private <T> T withCluster(DataFolder data, RespecConfig base, BiFunction<EventLog, RespecConfig, T> work)
            throws InterruptedException {
        var noRestarts = new RestartPolicy(0, Duration.ZERO, Duration.ZERO);
        try (Supervisor supervisor =
                new Supervisor(data.logs(), noRestarts, Clock.systemUTC(), Duration.ofSeconds(10), notice -> {})) {
            Thread hook = new Thread(supervisor::close, "read-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            LocalProcesses processes = new LocalProcesses(installation, data, base.local());
            LocalCluster cluster = LocalCluster.start(supervisor, processes, base);
            RespecConfig reachable = base.withOverrides(cluster.settings());
            try (EventLog events = new EventLog(reachable.cluster(), "respec-read")) {
                cluster.awaitReady(events, name -> {});
                return work.apply(events, reachable);
            } finally {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }
}
