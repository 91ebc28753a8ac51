package dev.respec.scorer.code;

import dev.respec.scorer.reward.RewardUnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs one command within its limits and removes every trace of it. Standard input and output are files, so that
 * neither a flood nor a grandchild that keeps a pipe open can hold this process up. Thread-safe; each run blocks its
 * caller.
 */
final class Sandbox {
    private static final long LOOK_MILLISECONDS = 20;
    private static final int ERROR_BYTES = 4096;
    private static final long PAGE_BYTES = 4096;

    private final Launcher launcher;
    private final RunLimits limits;

    Sandbox(Launcher launcher, RunLimits limits) {
        this.launcher = launcher;
        this.limits = limits;
    }

    RunFolder folder() {
        return RunFolder.make(launcher.otherUser());
    }

    /**
     * Runs a command to its end or its limits.
     *
     * @throws RewardUnavailableException if the sandbox could not be made, or the caller was interrupted
     */
    ProgramRun.Result run(ProgramRun run, RunFolder folder) {
        Path input = folder.file("input");
        Path output = folder.file("output");
        Path errors = folder.file("errors");
        RunFolder.write(input, run.input(), "rw-------");
        var builder = new ProcessBuilder(launcher.command(run, folder))
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        try {
            Process process = builder.start();
            ProgramRun.Ending ending;
            try {
                ending = await(process, run, output, errors);
            } finally {
                launcher.end(process, folder);
            }
            return result(process, ending, output, errors);
        } catch (IOException e) {
            throw new RewardUnavailableException("reward.code: a program cannot be started: " + e.getMessage());
        }
    }

    private ProgramRun.Ending await(Process process, ProgramRun run, Path output, Path errors) throws IOException {
        long end = System.nanoTime() + run.time().toNanos();
        try {
            while (!process.waitFor(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() > end) {
                    return ProgramRun.Ending.TIME;
                }
                if (isFlooded(output, errors)) {
                    return ProgramRun.Ending.OUTPUT;
                }
                if (residentBytes(process) > limits.memoryBytes()) {
                    return ProgramRun.Ending.MEMORY;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RewardUnavailableException("reward.code: interrupted while a program ran");
        }
        return isFlooded(output, errors) ? ProgramRun.Ending.OUTPUT : ProgramRun.Ending.EXITED;
    }

    private boolean isFlooded(Path output, Path errors) throws IOException {
        return Files.size(output) > limits.outputBytes() || Files.size(errors) > limits.outputBytes();
    }

    /** Of all processes of the run; files in memory count in their own limit. */
    private static long residentBytes(Process process) {
        try (Stream<ProcessHandle> processes = process.descendants()) {
            return processes.mapToLong(handle -> residentBytes(handle.pid())).sum();
        }
    }

    private static long residentBytes(long id) {
        try {
            String[] pages = Files.readString(Path.of("/proc", Long.toString(id), "statm"))
                    .split(" ");
            // Shared pages, such as those of the interpreter, are not the program's.
            return Math.max(0, Long.parseLong(pages[1]) - Long.parseLong(pages[2])) * PAGE_BYTES;
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0; // it has ended
        }
    }

    private ProgramRun.Result result(Process process, ProgramRun.Ending ending, Path output, Path errors)
            throws IOException {
        int exitCode = process.isAlive() ? -1 : process.exitValue();
        String last = tail(errors);
        if (exitCode == NamespaceLauncher.NOT_MADE && last.contains("respec-sandbox:")) {
            throw new RewardUnavailableException("reward.code: a sandbox cannot be made: " + last.strip());
        }
        byte[] text = ending == ProgramRun.Ending.OUTPUT ? new byte[0] : Files.readAllBytes(output);
        return new ProgramRun.Result(ending, exitCode, new String(text, StandardCharsets.UTF_8), last);
    }

    private static String tail(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, bytes.length() - ERROR_BYTES);
            bytes.seek(from);
            var read = new byte[(int) (bytes.length() - from)];
            bytes.readFully(read);
            return new String(read, StandardCharsets.UTF_8);
        }
    }
}
