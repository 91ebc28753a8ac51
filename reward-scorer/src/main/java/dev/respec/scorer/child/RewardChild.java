package dev.respec.scorer.child;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The process that calls reward functions of jars, one call at a time, until its standard input ends. It ends then even
 * while a function hangs, because another thread reads.
 */
public final class RewardChild {
    /** A function's name and its input. */
    private record Call(String function, ScoringInput input) {}

    private RewardChild() {}

    /** @param arguments the folder of jars */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream standardOutput = System.out;
        System.setOut(System.err); // what functions print must not end up among the answers
        var out = new DataOutputStream(new BufferedOutputStream(standardOutput));
        RewardFunctions functions;
        try {
            functions = RewardFunctions.installedAndIn(Path.of(arguments[0]));
        } catch (RewardFunctionException e) {
            Frames.write(out, Frames.Kind.REFUSED);
            Frames.write(out, String.valueOf(e.getMessage()));
            out.flush();
            return;
        }
        SortedSet<String> names = new TreeSet<>(functions.names());
        names.removeAll(RewardFunctions.installed().names());
        Frames.write(out, Frames.Kind.NAMES);
        out.writeInt(names.size());
        for (String name : names) {
            Frames.write(out, name);
        }
        out.flush();
        answer(functions, calls(), out);
    }

    private static BlockingQueue<Call> calls() {
        var calls = new LinkedBlockingQueue<Call>();
        var reader = new Thread(
                () -> {
                    int exitCode = 0;
                    try {
                        var in = new DataInputStream(new BufferedInputStream(System.in));
                        while (true) {
                            calls.add(new Call(Frames.readText(in), Frames.readInput(in)));
                        }
                    } catch (EOFException e) {
                        // the scorer has ended
                    } catch (IOException | RuntimeException e) {
                        exitCode = 1;
                    } finally {
                        Runtime.getRuntime().halt(exitCode);
                    }
                },
                "calls");
        reader.setDaemon(true);
        reader.start();
        return calls;
    }

    private static void answer(RewardFunctions functions, BlockingQueue<Call> calls, DataOutputStream out)
            throws IOException, InterruptedException {
        while (true) {
            Call call = calls.take();
            RewardFunction function = functions.named(call.function()).orElseThrow();
            try {
                Reward reward = function.score(call.input());
                if (reward == null) {
                    throw new IllegalStateException("it returned null");
                }
                Frames.write(out, Frames.Kind.REWARD);
                Frames.write(out, reward);
            } catch (RewardUnavailableException e) {
                Frames.write(out, Frames.Kind.UNAVAILABLE);
                Frames.write(out, String.valueOf(e.getMessage()));
            } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                Frames.write(out, Frames.Kind.THREW);
                Frames.write(out, e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage()));
            }
            out.flush();
        }
    }
}
