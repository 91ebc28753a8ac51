package dev.respec.ops;

import dev.respec.ops.inputs.ModelInputs;
import dev.respec.ops.local.ClassArchives;
import dev.respec.ops.report.Machine;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Where the command is installed: its libraries, the registry, the models that ship with it. */
public record Installation(Path home) {
    static final String POLICY = "builtin:policy";
    private static final String BUILTIN = "builtin:";
    private static final String DRAFTER = "builtin:drafter";

    /** Of the running process; {@code respec} sets the property. */
    public static Installation current() {
        return new Installation(Path.of(System.getProperty("respec.home", "ops/target/distribution"))
                .toAbsolutePath()
                .normalize());
    }

    public Path libraries() {
        return home.resolve("lib");
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

    /** The machine and this build, for reports. */
    public Machine machine() {
        String version = Installation.class.getPackage().getImplementationVersion();
        return Machine.current(version == null ? "unpackaged" : version, revision());
    }

    /** Of the sources, as the build left it; "" where it could not tell. */
    private String revision() {
        Path file = home.resolve("revision");
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * The configuration with {@code builtin:} models replaced by their folders. A built-in drafter that does not belong
     * to the policy is left out, with one line about it.
     *
     * @throws BadInputException where a folder is missing, or a drafter of the user's own does not fit
     */
    public RespecConfig resolveModels(RespecConfig config, Consumer<String> notices) {
        RespecConfig resolved = config.withOverrides(List.of(
                "model.policy=" + resolve("model.policy", config.model().policy()),
                "model.drafter=" + resolve("model.drafter", config.model().drafter()),
                "model.smaller=" + resolve("model.smaller", config.model().smaller())));
        var chosen = config.model().drafter().equals(DRAFTER) ? ModelInputs.Drafter.DEFAULT : ModelInputs.Drafter.NAMED;
        return ModelInputs.fitting(resolved, chosen, notices);
    }

    /** As {@link #resolveModels(RespecConfig, Consumer)}, the line on standard error; the drafter must be there. */
    public RespecConfig resolveModels(RespecConfig config) {
        ModelInputs.requireMadeDrafter(config);
        return resolveModels(config, line -> System.err.println("respec: " + line));
    }

    /** A model folder, absolute; "none" and "new" stay. */
    String resolve(String key, String value) {
        if (!value.startsWith(BUILTIN)) {
            return value.equals(ModelInputs.NONE) || value.equals(ModelInputs.NEW)
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
