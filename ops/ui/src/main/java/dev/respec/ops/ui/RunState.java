package dev.respec.ops.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The present state of a run as one JSON object. Not thread-safe. */
final class RunState {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WORKERS = Feed.read("workers");
    private static final String DEAD_LETTERS = Feed.read("dead_letters");
    private static final String TOTALS = Feed.read("totals");

    private final RunHome home;

    RunState(RunHome home) {
        this.home = home;
    }

    /** Nothing is known yet. */
    String reading(String notice) {
        ObjectNode state = placed();
        home.describe(state, JSON.createArrayNode());
        return text(state.put("notice", notice));
    }

    /** Nothing can be shown. */
    String failed(RuntimeException failure) {
        return text(placed().put("error", line(failure)));
    }

    static String line(RuntimeException failure) {
        return BadInputException.firstLine(failure);
    }

    /** @param warnings what is missing from the tables, one line each */
    String of(RunDatabase database, List<String> warnings) {
        ObjectNode state = placed();
        try {
            ArrayNode workers = array(database.rows(WORKERS, List.of()));
            home.describe(state, workers);
            state.set("workers", workers);
            state.set("dead_letters", array(database.rows(DEAD_LETTERS, List.of())));
            state.set("totals", JSON.readTree(database.rows(TOTALS, List.of()).get(0)));
            state.set("processes", home.processes());
            List<String> lines = new ArrayList<>(warnings);
            lines.addAll(DrafterWarnings.of(database));
            if (!lines.isEmpty()) {
                lines.forEach(state.putArray("warnings")::add);
            }
            JsonNode summary = home.summary();
            if (!summary.isNull()) {
                state.set("summary", summary);
            }
        } catch (IOException e) {
            throw new BadInputException("cannot read the run of " + home.place() + ": " + e.getMessage(), e);
        }
        return text(state);
    }

    private ObjectNode placed() {
        return JSON.createObjectNode().put("folder", home.place());
    }

    private static ArrayNode array(List<String> rows) throws JsonProcessingException {
        ArrayNode array = JSON.createArrayNode();
        for (String row : rows) {
            array.add(JSON.readTree(row));
        }
        return array;
    }

    private static String text(ObjectNode state) {
        try {
            return JSON.writeValueAsString(state);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
