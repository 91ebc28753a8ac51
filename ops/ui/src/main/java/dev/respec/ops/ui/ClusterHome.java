package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.TextTokenizer;
import dev.respec.ops.replay.RunTokenizer;
import dev.respec.stage.config.RespecConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** A run on the topics of a cluster. Its workers tell whether it goes on; its processes run elsewhere. */
record ClusterHome(RespecConfig config, String run, Clock clock) implements RunHome {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A worker reports every few seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    @Override
    public String place() {
        return "kafka at " + config.cluster().bootstrapServers();
    }

    @Override
    public Optional<String> runId() {
        return Optional.of(run);
    }

    @Override
    public void describe(ObjectNode state, ArrayNode workers) {
        long since = clock.instant().minus(SILENCE).toEpochMilli();
        boolean goingOn = StreamSupport.stream(workers.spliterator(), false)
                .anyMatch(worker -> !worker.path("state").asText().equals("STOPPING")
                        && worker.path("heartbeat").asLong() > since);
        state.put("run", run);
        state.put("steps", config.run().steps());
        state.put("seed", config.run().seed());
        state.put("going_on", goingOn);
        state.put("cluster", true);
    }

    @Override
    public ArrayNode processes() {
        return JSON.createArrayNode();
    }

    @Override
    public JsonNode summary() {
        return JSON.nullNode();
    }

    /** Topics do not hold the configuration, and the reader's may differ from the trainer's. */
    @Override
    public Optional<Map<String, String>> settings() {
        return Optional.empty();
    }

    @Override
    public Optional<TextTokenizer> tokenizer() {
        return RunTokenizer.ofPolicy(config);
    }
}
