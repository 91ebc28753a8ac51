package dev.respec.ops;

import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which every subcommand is configured. */
public sealed class ConfigurationOptions permits SeededOptions {
    /** Read by the launcher and by {@link Respec}; everything else that starts with RESPEC_ is a configuration key. */
    private static final Set<String> NOT_CONFIGURATION =
            Set.of("RESPEC_BUILD", "RESPEC_JAVA_OPTIONS", "RESPEC_LOG_LEVEL");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file (YAML); 'respec config' prints every key with its default.")
    @Nullable
    Path file;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Overrides one configuration key; may be repeated.")
    List<String> sets = new ArrayList<>();

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Folder for data and logs, run.data-dir (default: ./respec-data).")
    @Nullable
    Path dataDir;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "Where models compute, model.device: auto, cpu, cuda or cuda:N.")
    @Nullable
    String device;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    boolean debug;

    /** Defaults, file, environment, --set, and the options of their own, each over the one before. */
    public RespecConfig load(List<String> more) {
        return load(List.of(), more);
    }

    /**
     * Reads the configuration.
     *
     * @param suggestions settings of the command that the user's own override
     * @param more settings that override the user's
     */
    public RespecConfig load(List<String> suggestions, List<String> more) {
        List<String> settings = new ArrayList<>(suggestions);
        settings.addAll(sets);
        if (dataDir != null) {
            settings.add("run.data-dir=" + dataDir.toAbsolutePath().normalize());
        }
        if (device != null) {
            settings.add("model.device=" + device);
        }
        settings.addAll(ownSettings());
        settings.addAll(more);
        return load(file, settings);
    }

    /** Defaults, file, environment and these settings, each over the one before. */
    static RespecConfig load(@Nullable Path file, List<String> settings) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeAll(NOT_CONFIGURATION);
        return RespecConfig.load(file, environment, settings);
    }

    /** Settings of further options. */
    List<String> ownSettings() {
        return List.of();
    }

    public RespecConfig load() {
        return load(List.of());
    }
}
