package dev.respec.scorer.child;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A running child. One caller at a time; {@link #close} may be called by any thread and ends a call under way.
 */
final class ChildProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final SortedSet<String> names;
    private final ScheduledExecutorService clock;
    private volatile boolean closed;

    private ChildProcess(Process process, ScheduledExecutorService clock) throws IOException {
        this.process = process;
        this.clock = clock;
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.names = new TreeSet<>();
        readNames();
    }

    /**
     * Starts a child that has loaded the jars of a folder.
     *
     * @param clock ends it when it takes too long
     * @throws RewardFunctionException if a jar cannot be used, or the child does not start
     */
    static ChildProcess start(Path jars, int heapMegabytes, ScheduledExecutorService clock) {
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                RewardChild.class.getName(),
                jars.toAbsolutePath().toString());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new ChildProcess(process, clock);
        } catch (IOException e) {
            throw new RewardFunctionException(
                    "the process for reward functions of %s does not start: %s; its last lines say why"
                            .formatted(jars, e.getMessage()),
                    e);
        }
    }

    private void readNames() throws IOException {
        var late = clock.schedule(this::close, START.toMillis(), TimeUnit.MILLISECONDS);
        try {
            if (Frames.readKind(in) == Frames.Kind.REFUSED) {
                String reason = Frames.readText(in);
                close();
                throw new RewardFunctionException(reason);
            }
            for (int left = in.readInt(); left > 0; left--) {
                names.add(Frames.readText(in));
            }
        } catch (IOException e) {
            close();
            throw new IOException("it ended while it loaded the jars", e);
        } finally {
            late.cancel(false);
        }
    }

    /** Functions of the jars. */
    SortedSet<String> names() {
        return names;
    }

    /**
     * Returns the reward, after the timeout at the latest whatever the function does.
     *
     * @throws RewardUnavailableException if the child has ended, by itself or past the timeout; it is of no use any
     *     more
     * @throws IllegalStateException with what the function threw
     */
    Reward call(String function, ScoringInput input, Duration timeout) {
        var late = new AtomicBoolean();
        var end = clock.schedule(
                () -> {
                    late.set(true);
                    close();
                },
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
        try {
            Frames.write(out, function);
            Frames.write(out, input);
            out.flush();
            return switch (Frames.readKind(in)) {
                case REWARD -> Frames.readReward(in);
                case THREW -> throw new FunctionThrewException(Frames.readText(in));
                case UNAVAILABLE -> throw new RewardUnavailableException(Frames.readText(in));
                case NAMES, REFUSED -> throw new IOException("it began again");
            };
        } catch (IOException e) {
            close();
            throw new RewardUnavailableException(death(function, timeout, late.get()));
        } finally {
            end.cancel(false);
        }
    }

    private String death(String function, Duration timeout, boolean late) {
        if (late) {
            return "reward function '%s' gave no reward within %d ms (scorer.reward-timeout): its process was ended"
                    .formatted(function, timeout.toMillis());
        }
        try {
            boolean ended = process.waitFor(1, TimeUnit.SECONDS);
            return "reward function '%s' ended its process%s"
                    .formatted(function, ended ? " with exit code " + process.exitValue() : "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "reward function '%s': interrupted while its process ended".formatted(function);
        }
    }

    /** Whether it may be called. */
    boolean isAlive() {
        return !closed && process.isAlive();
    }

    /** Process id, for tests and logs. */
    long id() {
        return process.pid();
    }

    @Override
    public void close() {
        closed = true;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
