package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.TextTokenizer;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.ProcessStates;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.replay.RunTokenizer;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A data folder of local mode. */
record LocalHome(RunAccess access) implements RunHome {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long KIB = 1024;

    @Override
    public String place() {
        return access.folder().root().toString();
    }

    @Override
    public Optional<String> runId() {
        return access.localRun().map(RunFile::runId);
    }

    @Override
    public void describe(ObjectNode state, ArrayNode workers) {
        RunFile run = access.localRun().orElseThrow();
        state.put("run", run.runId());
        state.put("steps", run.steps());
        state.put("seed", run.seed());
        state.put("started", run.startedAt());
        state.put("wall_seconds", run.wallSeconds());
        state.put("going_on", access.isGoingOn());
        state.put("finished", run.status() == RunFile.Status.FINISHED);
    }

    /** A run that was continued still has the summary of its earlier end. */
    @Override
    public JsonNode summary() {
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

    @Override
    public ArrayNode processes() {
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

    /** 0 if the operating system does not say. */
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

    @Override
    public Optional<Map<String, String>> settings() {
        return access.recordedConfig().map(ConfigDifferences::settings);
    }

    @Override
    public Optional<TextTokenizer> tokenizer() {
        try {
            RespecConfig config = access.recordedConfig().orElseGet(RespecConfig::defaults);
            return RunTokenizer.open(null, access, config);
        } catch (ConfigException ofAnotherBuild) {
            return Optional.empty();
        }
    }
}
