package dev.respec.ops.local;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.LocalCluster;
import dev.respec.ops.cluster.LocalProcesses;
import dev.respec.ops.cluster.Ports;
import dev.respec.ops.cluster.ProcessStates;
import dev.respec.ops.cluster.Readiness;
import dev.respec.ops.cluster.RestartPolicy;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.cluster.Stages;
import dev.respec.ops.cluster.SupervisedProcess;
import dev.respec.ops.cluster.Supervisor;
import dev.respec.ops.console.Console;
import dev.respec.ops.console.Counts;
import dev.respec.ops.console.ProgressBar;
import dev.respec.ops.report.RunSummary;
import dev.respec.schemas.TrainingStep;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The main job on one machine: starts broker, registry and every stage as processes of their own, follows the run on its
 * topics, and ends with evaluation, proof and report. One thread runs it; when the virtual machine is told to end, every
 * process is stopped first. A run that was cut off is continued by the next call on the same folder.
 */
public final class LocalRun {
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final long TICK_MILLISECONDS = 150;

    private final RespecConfig asked;
    private final LocalOptions options;
    private final Installation installation;
    private final Console console;
    private final Clock clock = Clock.systemUTC();
    private final long startNanos = System.nanoTime();
    private final Instant startedAt = clock.instant();
    private final DataFolder folder;
    private volatile boolean stopping;
    private volatile @Nullable RunTime time;

    /** @param asked with folders for models, and looked through by {@code RunInputs} */
    public LocalRun(RespecConfig asked, LocalOptions options, Installation installation, Console console) {
        this.asked = asked;
        this.options = options;
        this.installation = installation;
        this.console = console;
        this.folder = new DataFolder(asked.run().dataDir());
    }

    /** Returns when the run's last step is done and its summary written. */
    public RunSummary run() throws InterruptedException {
        try (FolderLock lock = acquireLock(folder);
                Supervisor supervisor = supervisor()) {
            Thread hook = new Thread(() -> stop(supervisor), "local-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                RunFile run = RunOpening.open(folder, asked, options, clock);
                RunTime runTime = new RunTime(folder.runFile(), run, this::seconds);
                time = runTime;
                return run(supervisor, asked, runTime);
            } catch (RuntimeException error) {
                if (stopping) {
                    throw new InterruptedException("told to end"); // the processes went away under it
                }
                throw error;
            } finally {
                console.clearBottom();
                rememberTime();
                removeHook(hook);
            }
        }
    }

    private void stop(Supervisor supervisor) {
        stopping = true;
        console.endBottom();
        console.line("Stopping every process …");
        supervisor.close();
        rememberTime();
        console.line("Stopped. The same command continues the run.");
    }

    /**
     * Looks before anything is written or started.
     *
     * @throws ConfigException if a port that is configured is taken, or two are the same; names the keys
     * @throws BadInputException if the folder's own run has it
     */
    public static void requirePorts(RespecConfig config) {
        try {
            ConfiguredPorts.requireFree(config.local());
        } catch (ConfigException taken) {
            DataFolder folder = new DataFolder(config.run().dataDir());
            if (Files.exists(folder.runFile())) {
                acquireLock(folder).close();
            }
            throw taken;
        }
    }

    private static FolderLock acquireLock(DataFolder folder) {
        return FolderLock.tryAcquire(folder)
                .orElseThrow(() -> new BadInputException("another run is using " + folder.root()
                        + ": wait for its end, stop it, or choose another --data-dir"));
    }

    private Supervisor supervisor() {
        var restart = asked.local().restart();
        return new Supervisor(
                folder.logs(),
                new RestartPolicy(restart.max(), restart.backOff(), restart.stable()),
                clock,
                GRACE,
                notice -> console.line("  ! " + notice));
    }

    private RunSummary run(Supervisor supervisor, RespecConfig resolved, RunTime runTime) throws InterruptedException {
        RunFile run = runTime.before();
        console.line("respec run " + run.runId() + ", " + Counts.of(run.steps(), "step") + ", seed " + run.seed()
                + ", data in " + folder.root());
        LocalProcesses processes = new LocalProcesses(installation, folder, resolved.local());
        LocalCluster cluster = LocalCluster.start(supervisor, processes, resolved);
        RespecConfig ready = InitialDrafter.resolve(resolved, folder, result -> step("drafter", result));
        RespecConfig config = effective(ready, run, cluster);
        Map<String, Integer> healthPorts = startStages(supervisor, processes, config);
        RunExport export = RunExport.start(config, processes, supervisor, console);
        try (LivePage page = LivePage.open(config, installation, console);
                EventLog events = new EventLog(config.cluster(), "respec-local")) {
            cluster.awaitReady(
                    events,
                    name -> step(
                            name,
                            name.equals(LocalProcesses.BROKER)
                                    ? "kafka at " + cluster.broker()
                                    : "schema registry at " + cluster.registryApi()));
            provision(events);
            supervisor.processes().forEach(SupervisedProcess::release);
            try (ProgressFeed feed = new ProgressFeed(events, run.runId())) {
                follow(supervisor, healthPorts, feed, runTime);
            }
            Measurements measurements = new MeasuringProcess(folder, processes, supervisor, console);
            RunSummary summary = new LocalFinish(
                            config, options, supervisor, measurements, console, events, this::seconds)
                    .run(runTime);
            export.awaitEnd();
            return summary;
        }
    }

    /** The configuration of this start, written where every stage reads it. */
    private RespecConfig effective(RespecConfig resolved, RunFile run, LocalCluster cluster) {
        List<String> settings = new ArrayList<>(cluster.settings());
        settings.add("run.id=" + run.runId());
        settings.add("run.seed=" + run.seed());
        settings.add("run.steps=" + run.steps());
        settings.add("run.data-dir=" + folder.root());
        RespecConfig config = resolved.withOverrides(settings);
        ConfigurationFile.write(folder, config);
        return config;
    }

    /** They load their libraries while broker and registry come up, and wait for their release. */
    private Map<String, Integer> startStages(Supervisor supervisor, LocalProcesses processes, RespecConfig config) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (Stages stage : Stages.all()) {
            if (stage.subcommand().equals("learner") && !learns(config)) {
                continue;
            }
            int port = Ports.choose("http.port", 0);
            ports.put(stage.subcommand(), port);
            supervisor.start(processes.stage(
                    stage.subcommand(), List.of("http.port=" + port, "http.bind=127.0.0.1", "worker.id=worker-1")));
        }
        return ports;
    }

    private static boolean learns(RespecConfig config) {
        return config.learner().enabled() && !config.model().drafter().equals("none");
    }

    private void provision(EventLog events) {
        var provisioner = events.provisioner();
        List<String> plan = provisioner.plan();
        provisioner.apply();
        step("topics", plan.isEmpty() ? "as they were" : plan.size() + " changes: topics, share groups, schemas");
    }

    /** Shows the run until its last step is done. */
    private void follow(Supervisor supervisor, Map<String, Integer> ports, ProgressFeed feed, RunTime runTime)
            throws InterruptedException {
        RunFile run = runTime.before();
        Readiness readiness = new Readiness(ports);
        StepTable table = new StepTable(console);
        Pace pace = new Pace();
        boolean showFirstRollout = run.firstRolloutSeconds() == null;
        double lastLine = seconds();
        ProcessStates states = new ProcessStates(folder);
        while (true) {
            supervisor.tend();
            states.update(supervisor.states());
            showReady(readiness, ports);
            List<TrainingStep> steps = feed.poll();
            Instant first = feed.firstRolloutAt();
            if (showFirstRollout && first != null) {
                showFirstRollout = false;
                double after = Duration.between(startedAt, first).toMillis() / 1000.0;
                runTime.firstRollout(after);
                step("rollouts", String.format(java.util.Locale.ROOT, "the first is published after %.1f s", after));
            }
            for (TrainingStep step : ofThisStart(steps)) {
                table.print(step, seconds() - lastLine, feed.throughputs(), feed.drafterVersion(), feed.settings());
                pace.step(step.getStep(), seconds());
                lastLine = seconds();
                runTime.remember();
            }
            showEvaluations(feed, table);
            console.bottom(ProgressBar.render(
                    feed.policySteps(), run.steps(), pace.secondsFor(run.steps() - feed.policySteps())));
            if (trainerEnded(supervisor) && (feed.policySteps() >= run.steps() || steps.isEmpty())) {
                showEvaluations(feed, table); // the last one may have come since
                return;
            }
            Thread.sleep(TICK_MILLISECONDS);
        }
    }

    private void showReady(Readiness readiness, Map<String, Integer> ports) throws InterruptedException {
        if (readiness.allReady()) {
            return;
        }
        readiness
                .newlyReady()
                .forEach(stage -> step(stage, "ready, metrics at http://127.0.0.1:" + ports.get(stage) + "/metrics"));
    }

    private void showEvaluations(ProgressFeed feed, StepTable table) {
        feed.pollEvaluations().stream()
                .filter(evaluation -> !evaluation.getFinishedAt().isBefore(startedAt))
                .forEach(table::print);
    }

    private void rememberTime() {
        RunTime known = time;
        if (known != null) {
            known.remember();
        }
    }

    /** Steps of earlier starts are known; the newest is told once. */
    private List<TrainingStep> ofThisStart(List<TrainingStep> steps) {
        List<TrainingStep> earlier = steps.stream()
                .filter(step -> step.getFinishedAt().isBefore(startedAt))
                .toList();
        if (!earlier.isEmpty()) {
            step("continued", "after step " + earlier.get(earlier.size() - 1).getStep());
        }
        return steps.subList(earlier.size(), steps.size());
    }

    /** All steps are done and the final policy is written. */
    private static boolean trainerEnded(Supervisor supervisor) {
        return supervisor.processes().stream().anyMatch(SupervisedProcess::isFinished);
    }

    private void step(String name, String result) {
        console.step(name, result, seconds());
    }

    private double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is what runs now.
        }
    }
}
