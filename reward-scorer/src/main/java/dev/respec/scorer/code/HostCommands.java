package dev.respec.scorer.code;

import dev.respec.scorer.reward.RewardFunctionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands of util-linux and coreutils that hold programs to their limits. */
final class HostCommands {
    private static final List<String> FOLDERS = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin");
    private static final String ROOT_USER = "0";
    /** "nobody" on every Linux. */
    static final String OTHER_USER = "65534";

    private HostCommands() {}

    static boolean isLinux() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    /** Whether this process is root: programs then run as nobody, because no process limit holds for root. */
    static boolean isRoot() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                    .equals(ROOT_USER);
        } catch (java.io.IOException e) {
            return false;
        }
    }

    /** @throws RewardFunctionException naming those that are not there */
    static void require(String... names) {
        var missing = new ArrayList<String>();
        for (String name : names) {
            if (FOLDERS.stream().noneMatch(folder -> Files.isExecutable(Path.of(folder, name)))) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw new RewardFunctionException(
                    "reward.code needs the commands %s, which this machine does not have: install util-linux and coreutils"
                            .formatted(missing));
        }
    }

    /** Absolute path of a command. */
    static String path(String name) {
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of(name))
                .toString();
    }

    /** Makes a command run as nobody if this process is root. */
    static List<String> asOtherUser() {
        return isRoot()
                ? List.of(path("setpriv"), "--reuid=" + OTHER_USER, "--regid=" + OTHER_USER, "--clear-groups", "--")
                : List.of();
    }

    /** Limits of each process of a run. */
    static List<String> limits(ProgramRun run, RunLimits limits, long processes) {
        var command = new ArrayList<String>(List.of(
                path("prlimit"),
                "--core=0",
                "--nproc=" + processes,
                "--nofile=" + limits.openFiles(),
                "--fsize=" + limits.fileBytes(),
                "--cpu=" + (run.time().toSeconds() + 2)));
        if (run.memory() == ProgramRun.Memory.ADDRESS_SPACE) {
            command.add("--as=" + limits.memoryBytes());
        }
        return command;
    }

    /** The environment of a program, the same on every machine. */
    static List<String> environment(String workingDirectory) {
        return List.of(
                path("env"),
                "-i",
                "-C",
                workingDirectory,
                "PATH=/usr/bin:/bin",
                "HOME=" + workingDirectory,
                "TMPDIR=" + workingDirectory,
                "LANG=C.UTF-8",
                "PYTHONHASHSEED=0",
                "OMP_NUM_THREADS=1");
    }
}
