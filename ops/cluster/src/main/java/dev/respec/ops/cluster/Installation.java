package dev.respec.ops.cluster;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the command is installed: its libraries, the registry, the models that ship with it.
 *
 * @param programs main classes, by subcommand, of stages that run another program than the product's
 */
public record Installation(Path home, Map<String, String> programs) {
    public static final String POLICY = "builtin:policy";
    private static final String BUILTIN = "builtin:";
    public static final String DRAFTER = "builtin:drafter";
    private static final String RESPEC = "dev.respec.ops.Respec";

    public Installation {
        programs = Map.copyOf(programs);
    }

    /** Every stage runs the product's program. */
    public Installation(Path home) {
        this(home, Map.of());
    }

    /** Runs another program for a stage; for experiments, never for a run of the product. */
    public Installation withProgram(String stage, Class<?> main) {
        Map<String, String> all = new HashMap<>(programs);
        all.put(stage, main.getName());
        return new Installation(home, all);
    }

    /** The main class of a subcommand. */
    String program(String subcommand) {
        return programs.getOrDefault(subcommand, RESPEC);
    }

    /** Of the running process; {@code respec} sets the property. */
    public static Installation current() {
        return new Installation(Path.of(System.getProperty("respec.home", "ops/target/distribution"))
                .toAbsolutePath()
                .normalize());
    }

    public Path registry() {
        return home.resolve("registry");
    }

    public Path models() {
        return home.resolve("models");
    }

    public ClassArchives archives() {
        return new ClassArchives(home.resolve("archives"));
    }

    /** Of this build. */
    public String version() {
        String version = Installation.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    /** Of the sources, as the build left it; "" if it could not tell. */
    public String revision() {
        Path file = home.resolve("revision");
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** A model folder, absolute; "none" and "new" stay. */
    public String resolve(String key, String value) {
        if (!value.startsWith(BUILTIN)) {
            return value.equals("none") || value.equals("new")
                    ? value
                    : Path.of(value).toAbsolutePath().normalize().toString();
        }
        String name = value.substring(BUILTIN.length());
        Path folder = models().resolve(name);
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(
                    "%s is %s, but this installation has no %s: make it with 'respec pretrain %s', or"
                                    .formatted(key, value, folder, name)
                            + " set " + key + " to a checkpoint folder");
        }
        return folder.toString();
    }
}
