package dev.respec.ops.exports.mlflow;

import static java.util.Objects.requireNonNull;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run of an MLflow tracking server: the configuration as parameters, metrics by step, the final checkpoints as
 * artefacts. Its progress is kept in the run's tags.
 */
public final class MlflowTarget implements ExportTarget {
    private static final String DEFAULT_EXPERIMENT = "respec";
    private static final String EXPORTED = "respec.exported.";
    private static final String PROXIED = "mlflow-artifacts:";

    private final MlflowClient client;
    private final String experiment;
    private final Consumer<String> told;
    private @Nullable MlflowRun run;

    /**
     * A target that answers.
     *
     * @param environment MLflow's own variables: experiment name and credentials
     * @param told lines for the user
     * @throws ConfigException if something else answers there, or it refuses the credentials
     * @throws TargetUnavailableException if nothing answers
     */
    public MlflowTarget(String address, Map<String, String> environment, Consumer<String> told) {
        this.client = new MlflowClient(address, environment);
        this.experiment = environment.getOrDefault("MLFLOW_EXPERIMENT_NAME", DEFAULT_EXPERIMENT);
        this.told = told;
        try {
            client.post("experiments/search", MlflowClient.object().put("max_results", 1));
        } catch (TargetUnavailableException e) {
            throw new TargetUnavailableException(
                    "metrics.mlflow (--mlflow) is %s, but %s: start 'mlflow server', or correct the address"
                            .formatted(address, e.getMessage()),
                    e);
        } catch (MlflowClient.RefusedException e) {
            throw new ConfigException(
                    "metrics.mlflow (--mlflow) is %s, but %s: correct the address, or set MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN"
                            .formatted(address, e.getMessage()),
                    e);
        }
    }

    @Override
    public String name() {
        return "MLflow at " + client.address();
    }

    @Override
    public Map<String, Long> begin(RunFacts facts) {
        return answered(() -> {
            MlflowRun opened = MlflowRun.open(client, experiment, facts);
            run = opened;
            Map<String, Long> steps = new HashMap<>();
            opened.tags().forEach((key, value) -> {
                if (key.startsWith(EXPORTED)) {
                    steps.put(key.substring(EXPORTED.length()), Long.parseLong(value));
                }
            });
            return steps;
        });
    }

    @Override
    public void write(List<ExportItem> items) {
        List<MlflowRun.Metric> metrics = new ArrayList<>();
        SortedMap<String, String> tags = new TreeMap<>();
        for (ExportItem item : items) {
            item.scalars()
                    .forEach((name, value) ->
                            metrics.add(new MlflowRun.Metric(item.tag(name), value, item.finished(), item.step())));
            tags.put(EXPORTED + item.kind(), Long.toString(item.step()));
        }
        answered(() -> {
            requireNonNull(run).log(metrics, tags);
            return true;
        });
    }

    @Override
    public void finish(RunOutcome outcome) {
        answered(() -> {
            MlflowRun finished = requireNonNull(run);
            List<MlflowRun.Metric> results = new ArrayList<>();
            long last = finished.tags().entrySet().stream()
                    .filter(tag -> tag.getKey().equals(EXPORTED + "policy"))
                    .mapToLong(tag -> Long.parseLong(tag.getValue()))
                    .findFirst()
                    .orElse(0);
            Instant now = Instant.now();
            outcome.results().forEach((name, value) -> results.add(new MlflowRun.Metric(name, value, now, last)));
            String uploaded = Long.toString(last);
            if (!uploaded.equals(finished.tags().get("respec.finished"))) {
                outcome.checkpoints().forEach((name, folder) -> upload(finished, name, folder));
                finished.log(results, new TreeMap<>(Map.of("respec.finished", uploaded)));
            }
            finished.update("FINISHED", now);
            return true;
        });
    }

    private void upload(MlflowRun finished, String name, Path folder) {
        String uri = finished.artefactUri();
        if (!uri.startsWith(PROXIED)) {
            told.accept("%s keeps artefacts at %s, where only MLflow's own client writes: %s is not uploaded"
                    .formatted(client.address(), uri, name));
            return;
        }
        String root = URI.create(uri).getPath().replaceFirst("^/+", "");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String relative = folder.relativize(file).toString().replace('\\', '/');
                client.put(root + "/" + name + "/" + relative, file);
            }
        } catch (IOException e) {
            throw new TargetUnavailableException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private interface Call<T> {
        T call();
    }

    /** A refusal may end, too, such as one of a server that is upgraded. */
    private static <T> T answered(Call<T> call) {
        try {
            return call.call();
        } catch (MlflowClient.RefusedException e) {
            throw new TargetUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {}
}
