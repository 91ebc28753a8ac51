package dev.respec.ops.exports;

import dev.respec.ops.exports.mlflow.MlflowTarget;
import dev.respec.ops.exports.otlp.Collector;
import dev.respec.ops.exports.otlp.OtlpTarget;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.tensorboard.TensorboardTarget;
import dev.respec.stage.config.MetricsSection;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The targets that a configuration names. */
public final class ExportTargets implements AutoCloseable {
    private final List<ExportTarget> targets = new ArrayList<>();

    private ExportTargets() {}

    /**
     * Opens them all.
     *
     * @param environment of the process
     * @param told lines for the user
     * @throws dev.respec.stage.config.ConfigException naming one that cannot be written or is something else
     * @throws dev.respec.ops.exports.run.TargetUnavailableException naming one that does not answer
     */
    public static ExportTargets open(RespecConfig config, Map<String, String> environment, Consumer<String> told) {
        MetricsSection metrics = config.metrics();
        ExportTargets opened = new ExportTargets();
        try {
            if (!metrics.tensorboard().isEmpty()) {
                opened.targets.add(new TensorboardTarget(
                        Path.of(metrics.tensorboard()).toAbsolutePath().normalize()));
            }
            if (!metrics.mlflow().isEmpty()) {
                opened.targets.add(new MlflowTarget(metrics.mlflow(), environment, told));
            }
            if (!metrics.otlp().isEmpty()) {
                opened.targets.add(new OtlpTarget(
                        metrics.otlpEndpoint(), config.run().dataDir().resolve("exports")));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Checks that everything a run is exported or traced to can be reached. */
    public static void requireUsable(RespecConfig config, Map<String, String> environment) {
        open(config, environment, line -> {}).close();
        if (config.tracing().enabled()) {
            Collector.requireAnswer("tracing.otlp", config.tracing().endpoint());
        }
    }

    List<ExportTarget> all() {
        return List.copyOf(targets);
    }

    @Override
    public void close() {
        targets.forEach(ExportTarget::close);
        targets.clear();
    }
}
