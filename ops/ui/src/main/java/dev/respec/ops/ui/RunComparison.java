package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.report.ConfigDifferences;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What several runs have in different: their settings, and the numbers that they ended with. */
final class RunComparison {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunComparison() {}

    /** {@code {"settings": [{"key": …, "values": […]}], "summaries": […]}}, values and summaries in the order of the runs. */
    static String of(List<WatchedRun> runs) {
        List<Map<String, String>> settings = new ArrayList<>();
        ObjectNode comparison = JSON.createObjectNode();
        ArrayNode summaries = comparison.putArray("summaries");
        for (WatchedRun run : runs) {
            settings.add(settings(run.access()));
            summaries.add(RunState.summary(run.access()));
        }
        ArrayNode differences = comparison.putArray("settings");
        TreeSet<String> keys = new TreeSet<>();
        settings.forEach(each -> keys.addAll(each.keySet()));
        for (String key : keys) {
            List<String> values =
                    settings.stream().map(each -> each.getOrDefault(key, "")).toList();
            if (values.stream().distinct().count() > 1) {
                ArrayNode shown = differences.addObject().put("key", key).putArray("values");
                values.forEach(shown::add);
            }
        }
        return comparison.toString();
    }

    private static Map<String, String> settings(RunAccess access) {
        return access.recordedConfig().map(ConfigDifferences::settings).orElse(Map.of());
    }
}
