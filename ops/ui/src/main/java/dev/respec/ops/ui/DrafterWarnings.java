package dev.respec.ops.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.audit.DrafterTrouble;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.schemas.DrafterAlarm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a run's drafters now: alarms of the newest tables, and a newest round that changed nothing. */
final class DrafterWarnings {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALARMS = Feed.read("alarms");
    private static final String UNCHANGED_ROUND = Feed.read("unchanged_round");

    private DrafterWarnings() {}

    static List<String> of(RunDatabase database) throws JsonProcessingException {
        List<String> lines = new ArrayList<>();
        for (String row : database.rows(ALARMS, List.of())) {
            lines.add(DrafterTrouble.line(alarm(JSON.readTree(row))));
        }
        for (String row : database.rows(UNCHANGED_ROUND, List.of())) {
            lines.add(DrafterTrouble.unchanged(JSON.readTree(row).path("step").asLong()));
        }
        return lines;
    }

    private static DrafterAlarm alarm(JsonNode row) {
        return new DrafterAlarm(
                row.path("drafter").asText(),
                row.path("branching").asInt(),
                row.path("tree_tokens").asInt(),
                row.path("version").asLong(),
                row.path("alarm").asText(),
                row.path("length").asDouble(),
                row.path("length_before").asDouble(),
                Instant.ofEpochMilli(row.path("raised").asLong()),
                Instant.ofEpochMilli(row.path("rests_until").asLong()));
    }
}
