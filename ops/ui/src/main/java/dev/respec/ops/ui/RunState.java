package dev.respec.ops.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.ProcessStates;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How a run is now, as one JSON object. One thread. */
final class RunState {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WORKERS = Feed.read("workers");
    private static final String DEAD_LETTERS = Feed.read("dead_letters");
    private static final String TOTALS = Feed.read("totals");
    private static final long KIB = 1024;

    private final RunAccess access;

    RunState(RunAccess access) {
        this.access = access;
    }

    /** Nothing is known yet. */
    String reading(String notice) {
        return text(run().put("notice", notice));
    }

    /** Nothing can be shown. */
    String failed(RuntimeException failure) {
        ObjectNode state = JSON.createObjectNode();
        state.put("folder", access.folder().root().toString());
        state.put(
                "error",
                String.valueOf(failure.getMessage()).lines().findFirst().orElse("unknown failure"));
        return text(state);
    }

    String of(RunDatabase database) {
        ObjectNode state = run();
        try {
            state.set("workers", array(database.rows(WORKERS, List.of())));
            state.set("dead_letters", array(database.rows(DEAD_LETTERS, List.of())));
            state.set("totals", JSON.readTree(database.rows(TOTALS, List.of()).get(0)));
            state.set("processes", processes());
            JsonNode summary = summary(access);
            if (!summary.isNull()) {
                state.set("summary", summary);
            }
        } catch (IOException e) {
            throw new BadInputException("cannot read " + access.folder().root() + ": " + e.getMessage(), e);
        }
        return text(state);
    }

    private ObjectNode run() {
        ObjectNode state = JSON.createObjectNode();
        state.put("folder", access.folder().root().toString());
        RunFile run = access.localRun().orElseThrow();
        state.put("run", run.runId());
        state.put("steps", run.steps());
        state.put("seed", run.seed());
        state.put("started", run.startedAt());
        state.put("wall_seconds", run.wallSeconds());
        state.put("going_on", access.isGoingOn());
        state.put("finished", run.status() == RunFile.Status.FINISHED);
        return state;
    }

    /** Null where the run is not over: a run that was continued still has the summary of its earlier end. */
    static JsonNode summary(RunAccess access) {
        Path file = access.folder().summary();
        boolean over = access.localRun()
                .filter(run -> run.status() == RunFile.Status.FINISHED)
                .isPresent();
        try {
            return over && Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.nullNode();
        } catch (IOException e) {
            throw new BadInputException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private ArrayNode processes() {
        ArrayNode processes = JSON.createArrayNode();
        DataFolder folder = access.folder();
        boolean goesOn = access.isGoingOn();
        for (ProcessStates.State each : ProcessStates.read(folder)) {
            ObjectNode process = processes.addObject();
            process.put("name", each.name());
            boolean gone =
                    !goesOn || each.pid() > 0 && ProcessHandle.of(each.pid()).isEmpty();
            process.put("state", gone && !each.state().equals("done") ? "ended" : each.state());
            process.put("restarts", each.restarts());
            process.put("started", each.startedAt());
            if (!gone && each.pid() > 0) {
                process.put("memory_bytes", residentBytes(each.pid()));
            }
        }
        return processes;
    }

    /** 0 where the operating system does not say. */
    private static long residentBytes(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .findFirst()
                    .orElse(0);
        } catch (IOException gone) {
            return 0;
        }
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
