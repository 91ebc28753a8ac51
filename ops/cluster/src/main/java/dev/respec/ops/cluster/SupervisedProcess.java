package dev.respec.ops.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One process and its restarts. The child's standard input stays open as long as the supervisor lives: a child that
 * reads its end knows that the supervisor is gone (see {@code ParentWatch}). Used from the supervisor's thread only,
 * except for {@link #terminate} and {@link #awaitEnd}.
 */
public final class SupervisedProcess {
    private final ProcessSpec spec;
    private final Path log;
    private volatile @Nullable Process process;
    private Instant startedAt = Instant.EPOCH;
    private @Nullable Instant restartAt;
    private int restarts;
    private int totalRestarts;
    private boolean released;
    private boolean givenUp;

    SupervisedProcess(ProcessSpec spec, Path log) {
        this.spec = spec;
        this.log = log;
    }

    String name() {
        return spec.name();
    }

    public Path log() {
        return log;
    }

    ProcessStates.State state() {
        Process current = process;
        long pid = current != null && current.isAlive() ? current.pid() : 0;
        String state = pid > 0
                ? "up"
                : isFinished() || isOver() && !givenUp ? "done" : restartAt != null ? "restarting" : "down";
        return new ProcessStates.State(spec.name(), pid, startedAt.toString(), totalRestarts, state);
    }

    void start(Instant now) {
        try {
            Files.writeString(
                    log,
                    now + " --- " + spec.name() + " starts\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            ProcessBuilder builder = new ProcessBuilder(spec.command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            process = builder.start();
            startedAt = now;
            restartAt = null;
            if (released) {
                release();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + spec.name() + ": " + e.getMessage(), e);
        }
    }

    /** Tells the child, which warms up meanwhile, that what it depends on is there. */
    public void release() {
        released = true;
        Process current = process;
        if (current == null) {
            return;
        }
        try {
            current.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
            current.getOutputStream().flush();
        } catch (IOException childIsGone) {
            // tend() sees its exit code.
        }
    }

    /** Exit code of an ended process, null while it runs or waits for its restart. */
    @Nullable
    Integer exitCode() {
        Process current = process;
        return current == null || current.isAlive() ? null : current.exitValue();
    }

    /** Ended as it should. */
    public boolean isFinished() {
        Integer exit = exitCode();
        return spec.lifetime() == ProcessSpec.Lifetime.ENDS && exit != null && exit == 0;
    }

    /** Of a process beside the run: it is done, or given up. */
    public boolean isOver() {
        Integer exit = exitCode();
        return isBeside() && (givenUp || exit != null && exit == 0);
    }

    boolean isBeside() {
        return spec.lifetime() == ProcessSpec.Lifetime.BESIDE;
    }

    /** Restarts a dead process when its time has come. Returns what happened, for the user; null if nothing did. */
    @Nullable
    String tend(Instant now, RestartPolicy policy) {
        if (restartAt != null) {
            if (now.isBefore(restartAt)) {
                return null;
            }
            totalRestarts++;
            start(now);
            return spec.name() + " started again";
        }
        Integer exit = exitCode();
        if (exit == null || isFinished() || isOver()) {
            return null;
        }
        if (Duration.between(startedAt, now).compareTo(policy.stable()) >= 0) {
            restarts = 0;
        }
        if (restarts >= policy.most() || spec.finalExits().contains(exit)) {
            if (isBeside()) {
                givenUp = true;
                return "%s ended with exit code %d: the run goes on without it (%s; log: %s)"
                        .formatted(spec.name(), exit, String.join(" ", LogTail.lastLines(log, 1)), log);
            }
            throw failure(exit);
        }
        Duration wait = policy.waitBefore(restarts++);
        restartAt = now.plus(wait);
        return "%s ended with exit code %d; restart %d of %d in %.1f s (log: %s)"
                .formatted(spec.name(), exit, restarts, policy.most(), wait.toMillis() / 1000.0, log);
    }

    ProcessFailedException failure(int exit) {
        List<String> lines = LogTail.lastLines(log, 5);
        String restarted = totalRestarts == 0 ? "" : " after " + totalRestarts + " restarts";
        return new ProcessFailedException(
                "%s ended with exit code %d%s. Its log %s ends with:%n  %s"
                        .formatted(
                                spec.name(), exit, restarted, log, String.join(System.lineSeparator() + "  ", lines)),
                exit);
    }

    void terminate() {
        Process current = process;
        if (current != null) {
            current.destroy();
        }
    }

    /** Waits for the end of the process; kills it and whatever it started at the deadline. */
    void awaitEnd(Duration most) {
        Process current = process;
        if (current == null) {
            return;
        }
        try {
            if (!current.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                current.descendants().forEach(ProcessHandle::destroyForcibly);
                current.destroyForcibly().waitFor(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            current.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
