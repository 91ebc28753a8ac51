package dev.respec.ops;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.exports.ExportTargets;
import dev.respec.ops.exports.Exporter;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.report.CardFiles;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.ModelSection;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings a run's metrics to other tools. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description =
                "Exports a run to TensorBoard, MLflow or an OTLP collector, from its first step, and follows it while it goes on. Started again, it continues.")
final class ExportCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--tensorboard", paramLabel = "DIR", description = "Folder of event files (metrics.tensorboard).")
    private @Nullable String tensorboard;

    @Option(
            names = "--mlflow",
            paramLabel = "URL",
            description =
                    "Tracking server (metrics.mlflow); reads MLFLOW_EXPERIMENT_NAME and MLFLOW_TRACKING_USERNAME, _PASSWORD and _TOKEN.")
    private @Nullable String mlflow;

    @Option(names = "--otlp", paramLabel = "URL", description = "Collector of OTLP over HTTP (metrics.otlp).")
    private @Nullable String otlp;

    @Option(
            names = "--cards",
            paramLabel = "DIR",
            description =
                    "Writes the model cards of the run as far as it is, policy-final/README.md and drafter-final/README.md below DIR; needs no other target.")
    private @Nullable Path cards;

    @Option(names = "--once", description = "Exports what is recorded, and does not follow the run.")
    private boolean once;

    @Override
    public Integer call() throws InterruptedException, IOException {
        RespecConfig config = configuration.load(settings());
        if (!config.metrics().any() && cards == null) {
            throw new ConfigException(
                    "export: name a target with --tensorboard DIR, --mlflow URL, --otlp URL or --cards DIR, or in the configuration under metrics");
        }
        RunAccess access = new RunAccess(config, Installation.current());
        if (access.localRun().isEmpty() && config.run().id().isBlank()) {
            throw new BadInputException("export: no run in " + access.folder().root()
                    + ": name its --data-dir, or set run.id to export a run from the cluster of the configuration");
        }
        if (cards != null) {
            writeCards(access, cards);
        }
        if (!config.metrics().any()) {
            return 0;
        }
        try (ExportTargets targets = ExportTargets.open(config, System.getenv(), System.out::println)) {
            ParentWatch.awaitRelease();
            new Exporter(access, config, targets, System.out::println)
                    .run(once ? Exporter.Until.NOW : Exporter.Until.END, ParentWatch.supervised());
        }
        return 0;
    }

    private static void writeCards(RunAccess access, Path folder) throws InterruptedException, IOException {
        Paths.requireWritableFolder("--cards", folder);
        RunFromTopics run = RunFromTopics.read(access);
        if (run.records().steps(WeightRole.POLICY).isEmpty()) {
            throw new BadInputException(
                    "export: run %s has no training step yet, so there is nothing to write a card of"
                            .formatted(run.records().runId()));
        }
        ModelSection model = run.config().model();
        RespecConfig config = run.config()
                .withOverrides(
                        List.of("model.policy=" + Installation.current().resolve("model.policy", model.policy())));
        CardFiles files = new CardFiles(run.summary(), run.records(), config);
        DataFolder models = new DataFolder(folder);
        System.out.println("wrote " + files.writePolicy(Files.createDirectories(models.finalPolicy())));
        if (!model.drafter().equals("none")) {
            System.out.println("wrote " + files.writeDrafter(Files.createDirectories(models.finalDrafter())));
        }
    }

    private List<String> settings() {
        List<String> settings = new ArrayList<>();
        add(settings, "metrics.tensorboard", tensorboard);
        add(settings, "metrics.mlflow", mlflow);
        add(settings, "metrics.otlp", otlp);
        return settings;
    }

    private static void add(List<String> settings, String key, @Nullable String value) {
        if (value != null) {
            settings.add(key + "=" + value);
        }
    }
}
