package dev.respec.ops.cluster;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Starts processes, restarts dead ones, and stops them all, the last started first. One thread calls {@link #start} and
 * {@link #tend}; any thread may call {@link #close}, which is idempotent and bounded.
 */
public final class Supervisor implements AutoCloseable {
    private final Path logs;
    private final RestartPolicy policy;
    private final Clock clock;
    private final Consumer<String> notices;
    private final Duration gracePeriod;
    private final List<SupervisedProcess> processes = new CopyOnWriteArrayList<>();
    private volatile boolean closing;

    public Supervisor(Path logs, RestartPolicy policy, Clock clock, Duration gracePeriod, Consumer<String> notices) {
        this.logs = logs;
        this.policy = policy;
        this.clock = clock;
        this.gracePeriod = gracePeriod;
        this.notices = notices;
    }

    public SupervisedProcess start(ProcessSpec spec) {
        SupervisedProcess process = new SupervisedProcess(spec, logs.resolve(spec.name() + ".log"));
        processes.add(process);
        process.start(clock.instant());
        return process;
    }

    public List<SupervisedProcess> processes() {
        return List.copyOf(processes);
    }

    /** How they are now, in the order of their start. */
    public List<ProcessStates.State> states() {
        return processes.stream().map(SupervisedProcess::state).toList();
    }

    /** Stops watching a process that has done its work. */
    public void forget(SupervisedProcess process) {
        processes.remove(process);
    }

    /**
     * Looks after every process once; call it a few times a second.
     *
     * @throws ProcessFailedException if a process keeps dying or cannot be helped by a restart
     */
    public void tend() {
        Instant now = clock.instant();
        for (SupervisedProcess process : processes) {
            if (closing) {
                return;
            }
            String notice = process.tend(now, policy);
            if (notice != null && !closing) {
                notices.accept(notice);
            }
        }
    }

    /** Ends the stages and keeps broker and registry, so that what they wrote can be read, and who reads it beside. */
    public void closeStages() {
        List<SupervisedProcess> stages = processes.stream()
                .filter(p -> !isService(p.name()) && !p.isBeside())
                .toList();
        processes.removeAll(stages);
        end(stages, clock.instant().plus(gracePeriod));
    }

    /** SIGTERM in reverse order of start, each level given its time, then SIGKILL. */
    @Override
    public void close() {
        synchronized (processes) {
            closing = true;
            List<SupervisedProcess> ending = new ArrayList<>(processes);
            Collections.reverse(ending);
            Instant deadline = clock.instant().plus(gracePeriod);
            List<SupervisedProcess> services =
                    ending.stream().filter(p -> isService(p.name())).toList();
            List<SupervisedProcess> stages =
                    ending.stream().filter(p -> !isService(p.name())).toList();
            end(stages, deadline);
            end(services, deadline.plusSeconds(5));
            processes.clear();
        }
    }

    /** Broker and registry go last: the stages flush to them. */
    private static boolean isService(String name) {
        return name.equals(LocalProcesses.BROKER) || name.equals(LocalProcesses.REGISTRY);
    }

    private void end(List<SupervisedProcess> ending, Instant deadline) {
        ending.forEach(SupervisedProcess::terminate);
        for (SupervisedProcess process : ending) {
            Duration left = Duration.between(clock.instant(), deadline);
            process.awaitEnd(left.isNegative() ? Duration.ZERO : left);
        }
    }
}
