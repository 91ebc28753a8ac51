package dev.respec.ops.exports.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.exports.run.RunFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** One run of the tracking server, found by its tag or created. */
final class MlflowRun {
    /** By which a run is found again. */
    static final String RUN_TAG = "respec.run.id";

    /** Most entries of one kind in a batch, as the server allows them. */
    private static final int MOST_PARAMETERS = 100;

    private static final int MOST_METRICS = 1000;
    private static final int MOST_VALUE_LENGTH = 6000;

    private final MlflowClient client;
    private final String id;
    private final String artefactUri;
    private final Map<String, String> tags;

    private MlflowRun(MlflowClient client, JsonNode run) {
        this.client = client;
        JsonNode info = run.path("info");
        this.id = info.path("run_id").asText();
        this.artefactUri = info.path("artifact_uri").asText();
        this.tags = new HashMap<>();
        run.path("data")
                .path("tags")
                .forEach(tag ->
                        tags.put(tag.path("key").asText(), tag.path("value").asText()));
    }

    /** One value of a metric. */
    record Metric(String key, double value, Instant time, long step) {}

    static MlflowRun open(MlflowClient client, String experiment, RunFacts facts) {
        String experimentId = experimentId(client, experiment);
        return find(client, experimentId, facts.runId()).orElseGet(() -> create(client, experimentId, facts));
    }

    private static String experimentId(MlflowClient client, String name) {
        try {
            return client.get("experiments/get-by-name", Map.of("experiment_name", name))
                    .path("experiment")
                    .path("experiment_id")
                    .asText();
        } catch (MlflowClient.RefusedException e) {
            if (!e.code().equals("RESOURCE_DOES_NOT_EXIST")) {
                throw e;
            }
            return client.post("experiments/create", MlflowClient.object().put("name", name))
                    .path("experiment_id")
                    .asText();
        }
    }

    private static Optional<MlflowRun> find(MlflowClient client, String experimentId, String runId) {
        ObjectNode search = MlflowClient.object();
        search.putArray("experiment_ids").add(experimentId);
        search.put("filter", "tags.`%s` = '%s'".formatted(RUN_TAG, runId.replace("'", "")));
        search.put("max_results", 1);
        JsonNode found = client.post("runs/search", search).path("runs").path(0);
        return found.isMissingNode() ? Optional.empty() : Optional.of(new MlflowRun(client, found));
    }

    private static MlflowRun create(MlflowClient client, String experimentId, RunFacts facts) {
        ObjectNode creation = MlflowClient.object();
        creation.put("experiment_id", experimentId);
        creation.put("run_name", facts.runId());
        creation.put("start_time", facts.startedAt().toEpochMilli());
        creation.putArray("tags").add(entry(RUN_TAG, facts.runId()));
        MlflowRun run =
                new MlflowRun(client, client.post("runs/create", creation).path("run"));
        run.parameters(facts.settings());
        return run;
    }

    private void parameters(SortedMap<String, String> settings) {
        List<ObjectNode> all = new ArrayList<>();
        settings.forEach((key, value) -> {
            if (!value.isEmpty()) {
                all.add(entry(name(key), value.substring(0, Math.min(value.length(), MOST_VALUE_LENGTH))));
            }
        });
        for (int from = 0; from < all.size(); from += MOST_PARAMETERS) {
            ObjectNode batch = batch();
            batch.putArray("params").addAll(all.subList(from, Math.min(from + MOST_PARAMETERS, all.size())));
            client.post("runs/log-batch", batch);
        }
    }

    /** Metrics first: who sees the tags sees them all. The server ignores a value that it has. */
    void log(List<Metric> metrics, SortedMap<String, String> newTags) {
        for (int from = 0; from < metrics.size(); from += MOST_METRICS) {
            ObjectNode batch = batch();
            ArrayNode values = batch.putArray("metrics");
            metrics.subList(from, Math.min(from + MOST_METRICS, metrics.size()))
                    .forEach(metric -> values.addObject()
                            .put("key", name(metric.key()))
                            .put("value", metric.value())
                            .put("timestamp", metric.time().toEpochMilli())
                            .put("step", metric.step()));
            client.post("runs/log-batch", batch);
        }
        ObjectNode batch = batch();
        ArrayNode values = batch.putArray("tags");
        newTags.forEach((key, value) -> values.add(entry(key, value)));
        client.post("runs/log-batch", batch);
        tags.putAll(newTags);
    }

    void update(String status, Instant end) {
        client.post(
                "runs/update",
                MlflowClient.object().put("run_id", id).put("status", status).put("end_time", end.toEpochMilli()));
    }

    private ObjectNode batch() {
        return MlflowClient.object().put("run_id", id);
    }

    Map<String, String> tags() {
        return Map.copyOf(tags);
    }

    String artefactUri() {
        return artefactUri;
    }

    private static ObjectNode entry(String key, String value) {
        return MlflowClient.object().put("key", key).put("value", value);
    }

    /** With the characters that every MLflow takes: pass@1 is pass_at_1. */
    static String name(String key) {
        return key.replace("@", "_at_").replaceAll("[^A-Za-z0-9_./ -]", "_");
    }
}
