package dev.respec.scorer.code;

import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.stage.config.RewardSection.Code;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What the machine offers to programs, found out at start by running one program of each language. */
final class CodeMachine {
    private static final Duration TIME = Duration.ofSeconds(60);

    private final Code config;
    private final RunLimits limits;

    private CodeMachine(Code config) {
        this.config = config;
        this.limits = RunLimits.of(config);
    }

    /** @throws RewardFunctionException naming what is missing and what to do */
    static CodeReward look(Code config) {
        if (!HostCommands.isLinux()) {
            throw new RewardFunctionException("reward.code runs programs on Linux only, this is "
                    + System.getProperty("os.name") + ": run the scorer in a Linux container or machine");
        }
        return new CodeMachine(config).reward();
    }

    private CodeReward reward() {
        if (config.isolation() == Code.Isolation.NAMESPACES) {
            NamespaceLauncher.requireCommands();
        } else {
            LimitsLauncher.requireCommands();
        }
        var readable = new ArrayList<Path>();
        List<String> interpreters = new ArrayList<>();
        String javaHome = System.getProperty("java.home");
        if (config.languages().contains(Code.JAVA)) {
            readable.add(Path.of(javaHome));
        }
        if (config.languages().contains(Code.PYTHON)) {
            for (Path candidate : pythons()) {
                pythonFolders(candidate).ifPresent(python -> {
                    interpreters.add(python.get(0));
                    python.stream().skip(1).map(Path::of).forEach(readable::add);
                });
            }
        }
        var sandbox = new Sandbox(launcher(outsideOfUsr(readable)), limits);
        if (config.isolation() == Code.Isolation.NAMESPACES) {
            requireIsolation(sandbox);
        }
        Map<Language, Toolchain> toolchains = new EnumMap<>(Language.class);
        if (config.languages().contains(Code.PYTHON)) {
            toolchains.put(Language.PYTHON, python(sandbox, interpreters));
        }
        if (config.languages().contains(Code.JAVA)) {
            toolchains.put(Language.JAVA, java(sandbox, javaHome));
        }
        return CodeReward.of(config, sandbox, toolchains);
    }

    private Launcher launcher(List<Path> readable) {
        return config.isolation() == Code.Isolation.NAMESPACES
                ? new NamespaceLauncher(limits, readable)
                : new LimitsLauncher(limits);
    }

    private static List<Path> outsideOfUsr(List<Path> folders) {
        return folders.stream()
                .filter(folder -> !folder.startsWith("/usr") && Files.isDirectory(folder))
                .distinct()
                .toList();
    }

    static void requireIsolation(Sandbox sandbox) {
        String found = outcome(sandbox, List.of("/bin/sh", "-c", "echo made"));
        if (!found.equals("made")) {
            throw new RewardFunctionException(
                    ("reward.code: this machine does not let programs run in namespaces of their own (%s). Allow user"
                                    + " namespaces (kernel.unprivileged_userns_clone=1,"
                                    + " kernel.apparmor_restrict_unprivileged_userns=0, a seccomp profile of the container"
                                    + " that permits unshare and mount), or set reward.code.isolation=limits-only: programs"
                                    + " of the model then reach network and files")
                            .formatted(found));
        }
    }

    /** Output of a command that ends well, else why it did not. */
    private static String outcome(Sandbox sandbox, List<String> command) {
        try (RunFolder folder = sandbox.folder()) {
            var run = new ProgramRun(command, "", ProgramRun.Access.READ, ProgramRun.Memory.RESIDENT, TIME);
            var result = sandbox.run(run, folder);
            return result.succeeded() ? result.output().strip() : result.describe();
        } catch (RewardUnavailableException e) {
            return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        }
    }

    /** Every interpreter of that name on the path, in order. */
    private List<Path> pythons() {
        if (config.python().contains("/")) {
            return List.of(Path.of(config.python()).toAbsolutePath());
        }
        var found = new ArrayList<Path>();
        for (String folder :
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, config.python());
            if (Files.isExecutable(candidate)) {
                found.add(candidate.toAbsolutePath());
            }
        }
        return found;
    }

    /** Path of an interpreter, and the folders that it reads; empty if it is not Python 3. */
    private static Optional<List<String>> pythonFolders(Path candidate) {
        var question = "import sys; sys.version_info[0] == 3 and print(sys.executable,"
                + " sys.prefix, sys.base_prefix, sys.exec_prefix, sep='\\n')";
        try {
            Process process = new ProcessBuilder(candidate.toString(), "-I", "-c", question)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            boolean ended = process.waitFor(TIME.toSeconds(), TimeUnit.SECONDS);
            process.destroyForcibly();
            return ended && lines.size() == 4 ? Optional.of(lines) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private Toolchain python(Sandbox sandbox, List<String> interpreters) {
        String last = "there is none on the path";
        for (String interpreter : interpreters) {
            last = outcome(sandbox, List.of(interpreter, "-s", "-B", "-c", "print(6 * 7)"));
            if (last.equals("42")) {
                return new PythonToolchain(sandbox, interpreter);
            }
            last = interpreter + ": " + last;
        }
        throw new RewardFunctionException(
                ("reward.code.python is '%s', which cannot run a program here (%s): install Python 3 where every user"
                                + " can read it, name its path, or take python out of reward.code.languages")
                        .formatted(config.python(), last));
    }

    private Toolchain java(Sandbox sandbox, String home) {
        String compiler = home + "/bin/javac";
        if (!Files.isExecutable(Path.of(compiler))) {
            throw new RewardFunctionException(
                    "reward.code.languages names java, but %s is not there: run the scorer with a JDK, or take java out"
                            .formatted(compiler));
        }
        var toolchain = new JavaToolchain(sandbox, home, limits);
        var problem = new CodeProblem(Language.JAVA, "", "", List.of(new CodeTest.Dialogue("", "42")));
        var program =
                new Program("class Main { public static void main(String[] a) { System.out.println(42); } }", true);
        String refusal;
        try (RunFolder folder = sandbox.folder()) {
            refusal = toolchain.prepare(program, problem, problem.tests(), folder, TIME);
            if (refusal.isEmpty()) {
                refusal = toolchain
                        .run(program, problem, problem.tests().get(0), folder, TIME)
                        .reason();
            }
        }
        if (!refusal.isEmpty()) {
            throw new RewardFunctionException(
                    ("reward.code.languages names java, but %s cannot run a program here (%s): raise"
                                    + " reward.code.memory-megabytes or processes, or take java out")
                            .formatted(home, refusal));
        }
        return toolchain;
    }
}
