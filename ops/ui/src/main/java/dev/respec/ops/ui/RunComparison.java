package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** How several runs differ: their settings and their final numbers. */
final class RunComparison {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunComparison() {}

    /**
     * {@code {"settings": [{"key": …, "values": […]}], "unknown_settings": […], "summaries": […]}}, values and summaries in
     * the order of the runs; the runs whose settings are unknown by their place in that order.
     */
    static String of(List<WatchedRun> runs) {
        List<Map<String, String>> settings = new ArrayList<>();
        ObjectNode comparison = JSON.createObjectNode();
        ArrayNode summaries = comparison.putArray("summaries");
        ArrayNode unknown = comparison.putArray("unknown_settings");
        for (int i = 0; i < runs.size(); i++) {
            RunHome home = runs.get(i).home();
            Optional<Map<String, String>> known = home.settings();
            settings.add(known.orElse(Map.of()));
            summaries.add(home.summary());
            if (known.isEmpty()) {
                unknown.add(i);
            }
        }
        ArrayNode differences = comparison.putArray("settings");
        TreeSet<String> keys = new TreeSet<>();
        settings.forEach(each -> keys.addAll(each.keySet()));
        for (String key : keys) {
            List<String> values =
                    settings.stream().map(each -> each.getOrDefault(key, "")).toList();
            if (settings.stream()
                            .filter(each -> !each.isEmpty())
                            .map(each -> each.getOrDefault(key, ""))
                            .distinct()
                            .count()
                    > 1) {
                ArrayNode shown = differences.addObject().put("key", key).putArray("values");
                values.forEach(shown::add);
            }
        }
        return comparison.toString();
    }
}
