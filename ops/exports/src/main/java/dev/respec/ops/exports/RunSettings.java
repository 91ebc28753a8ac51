package dev.respec.ops.exports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is known about a run besides its topics: its configuration and what it left in its data folder. */
final class RunSettings {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunSettings() {}

    /** Of a run of this machine. */
    static RunFacts facts(RunFile run, Optional<RespecConfig> config) {
        return new RunFacts(
                run.runId(),
                Instant.parse(run.startedAt()),
                new TreeMap<>(config.map(ConfigDifferences::settings).orElse(Map.of())));
    }

    /** Of a finished run: the evaluation of its summary, and its last checkpoints. */
    static RunOutcome outcome(DataFolder folder) {
        SortedMap<String, Double> results = new TreeMap<>();
        if (Files.exists(folder.summary())) {
            try {
                numbers("result", JSON.readTree(folder.summary().toFile()).path("evaluation"), results);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + folder.summary() + ": " + e.getMessage(), e);
            }
        }
        SortedMap<String, Path> checkpoints = new TreeMap<>();
        for (Path checkpoint : new Path[] {folder.finalPolicy(), folder.finalDrafter()}) {
            if (Files.isDirectory(checkpoint)) {
                checkpoints.put(checkpoint.getFileName().toString(), checkpoint);
            }
        }
        return new RunOutcome(results, checkpoints);
    }

    private static void numbers(String prefix, JsonNode node, SortedMap<String, Double> into) {
        node.properties().forEach(each -> numbers(prefix + "/" + each.getKey(), each.getValue(), into));
        if (node.isNumber()) {
            into.put(prefix, node.asDouble());
        }
    }
}
