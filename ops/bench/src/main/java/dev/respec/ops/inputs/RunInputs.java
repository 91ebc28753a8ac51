package dev.respec.ops.inputs;

import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;

/** Every file and folder that a configuration names. One that is wrong is told before any process is started. */
public final class RunInputs {
    private RunInputs() {}

    /**
     * What one stage writes and reads, as far as it can be told without a model.
     *
     * @param stage its subcommand
     */
    public static void requireForStage(String stage, RespecConfig config) {
        switch (stage) {
            case "trainer" -> {
                requireResultFolders(config);
                DataFiles.requireTraining(config);
                DataFiles.requireEvaluations(config);
            }
            case "learner" -> requireResultFolders(config);
            case "scorer" -> requireStateFolder(config);
            default -> {} // worker and controller only read
        }
    }

    private static void requireResultFolders(RespecConfig config) {
        Paths.requireWritableFolder("run.data-dir (--data-dir)", config.run().dataDir());
        if (!config.artefacts().isS3()) {
            Paths.requireWritableFolder("artefacts.root", config.artefactRoot());
        }
    }

    private static void requireStateFolder(RespecConfig config) {
        String folder = config.scorer().stateDir();
        if (folder.isEmpty()) {
            Paths.requireWritableFolder(
                    "run.data-dir (--data-dir)", config.run().dataDir());
        } else {
            Paths.requireWritableFolder("scorer.state-dir", Path.of(folder));
        }
    }

    /**
     * Everything a local run will read, by opening it.
     *
     * @param config as {@link ModelInputs#fitting} returned it
     */
    public static void requireAll(RespecConfig config) {
        requireResultFolders(config);
        requireStateFolder(config);
        config.cluster(); // reads the files of secrets
        if (config.sampling().temperature() == 0) {
            throw new ConfigException(
                    "sampling.temperature is 0: greedy rollouts of a prompt are all equal and teach nothing; set it"
                            + " above 0");
        }
        int broker = config.local().ports().broker();
        if (broker != 0 && broker == config.local().ports().registry()) {
            throw new ConfigException(
                    "local.ports.broker and local.ports.registry are both %d: give each its own port, or 0 for a free one"
                            .formatted(broker));
        }
        ModelInputs.requireUsable(config);
        DataInputs.requireUsable(config);
    }
}
