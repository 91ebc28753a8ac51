package dev.respec.ops.exports.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.TargetUnavailableException;
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
    /** A request of more than a megabyte is refused by some servers; a character takes at most six bytes in JSON. */
    private static final int MOST_BATCH_LENGTH = 150_000;

    private final MlflowClient client;
    private final String id;
    private final String artefactUri;
    private final Map<String, String> tags;
    private final Map<String, String> parameters;

    private MlflowRun(MlflowClient client, JsonNode run) {
        this.client = client;
        JsonNode info = run.path("info");
        this.id = info.path("run_id").asText();
        this.artefactUri = info.path("artifact_uri").asText();
        this.tags = entries(run, "tags");
        this.parameters = entries(run, "params");
    }

    private static Map<String, String> entries(JsonNode run, String kind) {
        Map<String, String> entries = new HashMap<>();
        run.path("data")
                .path(kind)
                .forEach(entry -> entries.put(
                        entry.path("key").asText(), entry.path("value").asText()));
        return entries;
    }

    /** One value of a metric. */
    record Metric(String key, double value, Instant time, long step) {}

    static MlflowRun open(MlflowClient client, String experiment, RunFacts facts) {
        String experimentId = experimentId(client, experiment);
        MlflowRun run = find(client, experimentId, facts.runId()).orElseGet(() -> create(client, experimentId, facts));
        run.logParameters(facts.settings());
        return run;
    }

    private static String experimentId(MlflowClient client, String name) {
        try {
            JsonNode found = client.get("experiments/get-by-name", Map.of("experiment_name", name))
                    .path("experiment");
            if (found.path("lifecycle_stage").asText().equals("deleted")) {
                throw new TargetUnavailableException(
                        "the experiment '%s' of %s is deleted: restore it (mlflow experiments restore), or name another one in MLFLOW_EXPERIMENT_NAME"
                                .formatted(name, client.address()));
            }
            return found.path("experiment_id").asText();
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
        return new MlflowRun(client, client.post("runs/create", creation).path("run"));
    }

    /** Those that the server lacks: one that it has cannot be changed, and an export may have ended before it sent all. */
    private void logParameters(SortedMap<String, String> settings) {
        List<ObjectNode> batch = new ArrayList<>();
        int length = 0;
        for (Map.Entry<String, String> each : MlflowNames.parameters(settings).entrySet()) {
            if (parameters.containsKey(each.getKey())) {
                continue;
            }
            int added = each.getKey().length() + each.getValue().length();
            if (batch.size() == MOST_PARAMETERS || length + added > MOST_BATCH_LENGTH) {
                postParameters(batch);
                length = 0;
            }
            batch.add(entry(each.getKey(), each.getValue()));
            length += added;
        }
        postParameters(batch);
    }

    private void postParameters(List<ObjectNode> entries) {
        if (!entries.isEmpty()) {
            ObjectNode batch = batch();
            batch.putArray("params").addAll(entries);
            client.post("runs/log-batch", batch);
            entries.clear();
        }
    }

    /** Metrics first: who sees the tags sees them all. The server ignores a value that it has. */
    void log(List<Metric> metrics, SortedMap<String, String> newTags) {
        for (int from = 0; from < metrics.size(); from += MOST_METRICS) {
            ObjectNode batch = batch();
            ArrayNode values = batch.putArray("metrics");
            metrics.subList(from, Math.min(from + MOST_METRICS, metrics.size()))
                    .forEach(metric -> values.addObject()
                            .put("key", MlflowNames.name(metric.key()))
                            .put("value", metric.value())
                            .put("timestamp", metric.time().toEpochMilli())
                            .put("step", metric.step()));
            client.post("runs/log-batch", batch);
        }
        ObjectNode batch = batch();
        ArrayNode values = batch.putArray("tags");
        newTags.forEach((key, value) -> values.add(entry(MlflowNames.name(key), value)));
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
}
