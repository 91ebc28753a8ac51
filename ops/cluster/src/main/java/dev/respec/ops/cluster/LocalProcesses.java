package dev.respec.ops.cluster;

import static dev.respec.ops.cluster.ProcessSpec.Lifetime.BESIDE;
import static dev.respec.ops.cluster.ProcessSpec.Lifetime.ENDS;
import static dev.respec.ops.cluster.ProcessSpec.Lifetime.STAYS;

import dev.respec.stage.BadInputException;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.LocalSection;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The command lines of a local run's processes. */
public final class LocalProcesses {
    public static final String BROKER = "broker";
    public static final String EXPORT = "export";
    static final String REGISTRY = "registry";

    private static final Set<Integer> FINAL_EXITS = Set.of(ExitCode.USAGE.code(), ExitCode.BAD_INPUT.code());

    /** Two cores and eight virtual machines: the smallest collector, and no optimising compiler if none pays. */
    private static final List<String> EVERY = List.of("-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");

    /** It keeps a few numbers of each rollout in flight. */
    private static final String EXPORT_HEAP = "256m";

    private final Installation installation;
    private final DataFolder folder;
    private final LocalSection.StageMemory memory;
    private final Niceness training;

    public LocalProcesses(Installation installation, DataFolder folder, LocalSection local) {
        this.installation = installation;
        this.folder = folder;
        this.memory = local.stageMemory();
        this.training = new Niceness(local.trainingNiceness());
    }

    ProcessSpec broker(int port) {
        return spec(
                BROKER,
                STAYS,
                respec(
                        light(memory.broker()),
                        List.of(BROKER, "--data-dir", folder.root().toString(), "--port", Integer.toString(port))));
    }

    /** Ready when its API answers; its data is an H2 file. */
    ProcessSpec registry(int port) {
        List<String> command = new ArrayList<>(java(installation.archives().registry(), light(memory.registry())));
        property(command, "quarkus.http.host", "127.0.0.1");
        property(command, "quarkus.http.port", port);
        property(command, "quarkus.management.host", "127.0.0.1");
        property(command, "quarkus.management.port", 0);
        property(command, "quarkus.http.access-log.enabled", false);
        property(command, "quarkus.micrometer.enabled", false);
        property(command, "quarkus.banner.enabled", false);
        property(command, "apicurio.storage.sql.kind", "h2");
        property(
                command,
                "apicurio.datasource.url",
                "jdbc:h2:file:" + folder.registry().resolve("db"));
        property(command, "apicurio.datasource.jdbc.initial-size", 2);
        property(command, "apicurio.datasource.jdbc.min-size", 2);
        property(command, "apicurio.datasource.jdbc.max-size", 10);
        for (String unused : List.of("blue", "green")) {
            property(command, "apicurio.datasource." + unused + ".jdbc.initial-size", 0);
            property(command, "apicurio.datasource." + unused + ".jdbc.min-size", 0);
        }
        command.addAll(List.of("-cp", registryClassPath(installation), RegistryMain.class.getName()));
        return spec(REGISTRY, STAYS, command);
    }

    /** @param name subcommand and process name */
    public ProcessSpec stage(String name, List<String> settings) {
        List<String> arguments =
                new ArrayList<>(List.of(name, "--config", folder.configuration().toString()));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        List<String> flags = switch (name) {
            case "scorer" -> light(memory.scorer());
            case "controller" -> light(memory.controller());
            case "worker" -> workerFlags();
            case "learner" -> List.of("-Xmx" + memory.learner());
            case "trainer" -> List.of("-Xmx" + memory.trainer());
            default -> throw new IllegalArgumentException("no stage " + name);
        };
        List<String> command = respec(flags, arguments);
        return spec(name, name.equals("trainer") ? ENDS : STAYS, trains(name) ? training.of(command) : command);
    }

    /** These stages need throughput; a request waits for any of the others. */
    private static boolean trains(String stage) {
        return stage.equals("trainer") || stage.equals("learner");
    }

    /** The export of the run's metrics, beside it. */
    public ProcessSpec export() {
        return spec(
                EXPORT,
                BESIDE,
                respec(
                        light(EXPORT_HEAP),
                        List.of(EXPORT, "--config", folder.configuration().toString())));
    }

    /** A command that runs once, with the worker's memory. */
    public ProcessSpec command(String name, List<String> arguments) {
        return spec(name, ENDS, respec(workerFlags(), arguments));
    }

    private List<String> workerFlags() {
        return withHeap(memory.worker(), JvmOptions.DECODING);
    }

    private static List<String> light(String heap) {
        return withHeap(heap, JvmOptions.LIGHT);
    }

    private static List<String> withHeap(String heap, JvmOptions kind) {
        List<String> flags = new ArrayList<>(kind.flags());
        flags.add("-Xmx" + heap);
        return flags;
    }

    private static ProcessSpec spec(String name, ProcessSpec.Lifetime lifetime, List<String> command) {
        return new ProcessSpec(name, command, lifetime, FINAL_EXITS);
    }

    private List<String> respec(List<String> flags, List<String> arguments) {
        List<String> command = new ArrayList<>(java(installation.archives().respec(), flags));
        property(command, "respec.home", installation.home());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), installation.program(arguments.get(0))));
        command.addAll(arguments);
        return command;
    }

    private static List<String> java(Path archive, List<String> flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JvmOptions.COMMON.flags());
        command.addAll(EVERY);
        command.addAll(ClassArchives.flags(archive));
        command.addAll(flags);
        property(command, ParentWatch.PROPERTY, true);
        return command;
    }

    private static void property(List<String> command, String name, Object value) {
        command.add("-D" + name + "=" + value);
    }

    /** @throws BadInputException if the installation has no registry */
    public static String registryClassPath(Installation installation) {
        try (Stream<Path> files = Files.list(installation.registry())) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
                            .findFirst()
                            .orElseThrow(() -> noRegistry(installation))
                    + File.pathSeparator
                    + ownJar();
        } catch (IOException e) {
            throw noRegistry(installation);
        }
    }

    private static BadInputException noRegistry(Installation installation) {
        return new BadInputException("no schema registry in " + installation.registry()
                + ": build it with './mvnw -Dquick -DskipTests package'");
    }

    /** Jar or folder that this class was loaded from: the registry's process needs {@link RegistryMain} and no more. */
    private static Path ownJar() {
        try {
            return Path.of(LocalProcesses.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
