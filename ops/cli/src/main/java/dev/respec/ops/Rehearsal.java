package dev.respec.ops;

import dev.respec.ops.cluster.ClassArchives;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.JvmOptions;
import dev.respec.ops.cluster.LocalProcesses;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the smallest local run there is and archives the classes that its processes loaded. The virtual machine option
 * that lists them travels in the environment, so every process of the run inherits it.
 */
final class Rehearsal {
    private static final String OPTIONS_VARIABLE = "JDK_JAVA_OPTIONS";
    private static final String REGISTRY_CLASS = "io/quarkus/runner/GeneratedMain";
    private static final long MOST_MINUTES = 5;

    private static final List<String> SMALLEST = List.of(
            "trainer.prompts-per-step=2",
            "trainer.group-size=2",
            "sampling.max-tokens=32",
            "worker.slots=4",
            "worker.cost-batches=[1]",
            "worker.cost-budget=1s",
            "local.evaluation=false",
            "local.bench=false",
            "local.restart.max=0");

    private final Installation installation;
    private final Path scratch;

    /** @param scratch an empty folder for the run's data and the lists of classes; the caller deletes it */
    Rehearsal(Installation installation, Path scratch) {
        this.installation = installation;
        this.scratch = scratch;
    }

    /** @throws IOException if the run or the archiving fails; the installation works without archives */
    void archiveClasses() throws IOException, InterruptedException {
        Path lists = Files.createDirectories(scratch.resolve("classes"));
        run(lists);
        Set<String> respec = new LinkedHashSet<>();
        Set<String> registry = new LinkedHashSet<>();
        try (Stream<Path> files = Files.list(lists)) {
            for (Path file : files.sorted().toList()) {
                List<String> classes = Files.readAllLines(file, StandardCharsets.UTF_8);
                (classes.stream().anyMatch(line -> line.startsWith(REGISTRY_CLASS)) ? registry : respec)
                        .addAll(classes);
            }
        }
        ClassArchives archives = installation.archives();
        Files.createDirectories(archives.folder());
        var processes = List.of(
                dump(respec, archives.respec(), System.getProperty("java.class.path")),
                dump(registry, archives.registry(), LocalProcesses.registryClassPath(installation)));
        for (Process process : processes) {
            await(process, "the virtual machine cannot archive classes");
        }
    }

    private void run(Path lists) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(JvmOptions.LIGHT.flags());
        command.addAll(List.of(
                "-Drespec.home=" + installation.home(),
                "-cp",
                System.getProperty("java.class.path"),
                Respec.class.getName(),
                "local",
                "--steps=1",
                "--data-dir=" + scratch.resolve("run")));
        SMALLEST.forEach(setting -> command.addAll(List.of("--set", setting)));
        ProcessBuilder builder = quiet(command, scratch.resolve("run.log"));
        builder.environment().keySet().removeIf(name -> name.startsWith("RESPEC_")); // the user's own configuration
        builder.environment().put(OPTIONS_VARIABLE, "\"-XX:DumpLoadedClassList=" + lists.resolve("%p.classes") + '"');
        await(builder.start(), "the rehearsal failed: " + scratch.resolve("run.log"));
    }

    private Process dump(Set<String> classes, Path archive, String classPath) throws IOException {
        Path list = Files.write(scratch.resolve(archive.getFileName() + ".classes"), classes);
        return quiet(
                        List.of(
                                java(),
                                "-Xshare:dump",
                                "-XX:+UseSerialGC",
                                "-XX:SharedClassListFile=" + list,
                                "-XX:SharedArchiveFile=" + archive,
                                "-cp",
                                classPath),
                        scratch.resolve(archive.getFileName() + ".log"))
                .start();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static ProcessBuilder quiet(List<String> command, Path output) {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    }

    private static void await(Process process, String failure) throws IOException, InterruptedException {
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            process.destroy();
            throw new IOException(failure + " (no end after " + MOST_MINUTES + " minutes)");
        }
        if (process.exitValue() != 0) {
            throw new IOException(failure + " (exit code " + process.exitValue() + ")");
        }
    }
}
