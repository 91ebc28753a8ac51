package dev.respec.scorer.code;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts programs under limits alone: they reach network and files as the scorer's user, or as nobody where that is
 * root. A mark in the environment finds processes that left their group; one that removed the mark escapes.
 */
final class LimitsLauncher implements Launcher {
    private static final int ORPHAN_SECONDS = 5;
    private static final String MARK = "RESPEC_CODE_RUN=";

    private final RunLimits limits;

    LimitsLauncher(RunLimits limits) {
        this.limits = limits;
    }

    static void requireCommands() {
        HostCommands.require("setpriv", "prlimit", "setsid", "timeout", "env");
    }

    @Override
    public List<String> command(ProgramRun run, RunFolder folder) {
        Path work = folder.emptyWork();
        var command = new ArrayList<>(HostCommands.asOtherUser());
        long seconds = run.time().toSeconds() + ORPHAN_SECONDS;
        command.addAll(List.of(HostCommands.path("setsid"), HostCommands.path("timeout"), "-s", "KILL"));
        command.add(Long.toString(seconds));
        command.addAll(HostCommands.limits(run, limits, limits.processes() + threadsOfUser()));
        command.addAll(HostCommands.environment(work.toString()));
        command.add(MARK + mark(folder));
        run.command().forEach(word -> command.add(onHost(word, folder)));
        return command;
    }

    private static String onHost(String word, RunFolder folder) {
        String program = RunFolder.PROGRAM + "/";
        return word.equals(RunFolder.PROGRAM) || word.startsWith(program)
                ? folder.program() + word.substring(RunFolder.PROGRAM.length())
                : word;
    }

    private static String mark(RunFolder folder) {
        return folder.name();
    }

    /** The kernel counts all threads of a user against the limit of each process. */
    private static long threadsOfUser() {
        String user = HostCommands.isRoot() ? HostCommands.OTHER_USER : null;
        try (Stream<Path> processes = processes()) {
            String own = user == null ? owner(Path.of("/proc/self")) : user;
            return processes
                    .filter(process -> owner(process).equals(own))
                    .mapToLong(LimitsLauncher::threads)
                    .sum();
        }
    }

    private static Stream<Path> processes() {
        try {
            return Files.list(Path.of("/proc"))
                    .filter(path -> path.getFileName().toString().matches("[0-9]+"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String owner(Path process) {
        try {
            return String.valueOf(Files.getAttribute(process, "unix:uid"));
        } catch (IOException | UncheckedIOException e) {
            return ""; // it has ended
        }
    }

    private static long threads(Path process) {
        try (Stream<Path> threads = Files.list(process.resolve("task"))) {
            return threads.count();
        } catch (IOException | UncheckedIOException e) {
            return 0; // it has ended
        }
    }

    @Override
    public boolean otherUser() {
        return HostCommands.isRoot();
    }

    @Override
    public void end(Process process, RunFolder folder) {
        byte[] mark = (MARK + mark(folder)).getBytes(StandardCharsets.UTF_8);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ORPHAN_SECONDS);
        boolean found = true;
        while (found && System.nanoTime() < end) {
            found = process.descendants().filter(ProcessHandle::destroyForcibly).count() > 0;
            process.destroyForcibly();
            found |= destroyMarked(mark);
        }
    }

    private static boolean destroyMarked(byte[] mark) {
        try (Stream<Path> processes = processes()) {
            return processes
                            .filter(process -> isMarked(process, mark))
                            .map(process -> Long.parseLong(process.getFileName().toString()))
                            .flatMap(id -> ProcessHandle.of(id).stream())
                            .filter(ProcessHandle::destroyForcibly)
                            .count()
                    > 0;
        }
    }

    private static boolean isMarked(Path process, byte[] mark) {
        try {
            // One byte per character, so that any bytes can be searched.
            String environment =
                    new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.ISO_8859_1);
            return environment.contains(new String(mark, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false; // it has ended, or is another user's
        }
    }
}
