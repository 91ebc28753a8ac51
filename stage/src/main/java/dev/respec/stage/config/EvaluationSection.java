package dev.respec.stage.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.schemas.EvaluationRequestId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Evaluation of the policy while it is trained.
 *
 * @param data data sets by name: a location, or JSON with {@code file} and {@code task}; empty is {@code data.evaluation}
 * @param bestBy data set, mode and metric, separated by spaces; empty is the first data set's sampled pass@1, or the greedy one
 *     if nothing is sampled
 */
public record EvaluationSection(
        int every, boolean atStart, Map<String, String> data, int size, int samples, String bestBy, int patience) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A data set to evaluate on.
     *
     * @param location builtin:arithmetic or the path of a JSON lines file
     * @param task reward function of every line; empty leaves it to the lines
     */
    public record DataSet(String name, String location, String task) {}

    public EvaluationSection {
        InvalidValue.atLeast(0, "every", every);
        InvalidValue.atLeast(1, "size", size);
        InvalidValue.atLeast(0, "samples", samples);
        InvalidValue.atLeast(0, "patience", patience);
        data = Map.copyOf(data);
        data.forEach(EvaluationSection::dataSet);
    }

    /** Whether the run evaluates at all. */
    public boolean enabled() {
        return every > 0;
    }

    /** The data sets, by name; the one of {@code data.evaluation} if none is named. */
    public List<DataSet> dataSets(DataSection run) {
        if (data.isEmpty()) {
            return List.of(new DataSet(nameOf(run.evaluation()), run.evaluation(), run.task()));
        }
        return new TreeMap<>(data)
                .entrySet().stream()
                        .map(entry -> dataSet(entry.getKey(), entry.getValue()))
                        .toList();
    }

    /** {@code builtin:arithmetic} is arithmetic, {@code folder/gsm8k.test.jsonl} is gsm8k.test. */
    private static String nameOf(String location) {
        var file = location.substring(Math.max(location.lastIndexOf('/'), location.lastIndexOf(':')) + 1);
        var stem = file.replaceFirst("\\.(jsonl|json)(\\.gz)?$", "").replaceAll("[^A-Za-z0-9_.-]", "_");
        return EvaluationRequestId.DATA_SET.matcher(stem).matches() ? stem : "evaluation";
    }

    private static DataSet dataSet(String name, String value) {
        InvalidValue.require(
                EvaluationRequestId.DATA_SET.matcher(name).matches(),
                "data",
                name,
                "names of letters, digits, '_', '.' and '-' for data sets");
        if (!value.startsWith("{")) {
            InvalidValue.require(
                    !value.isBlank(), "data", name + ": ", "builtin:arithmetic or a JSONL file for " + name);
            return new DataSet(name, value, "");
        }
        var expected = "{file: …, task: …} for " + name;
        try {
            var fields = JSON.readTree(value);
            Set<String> names = new TreeSet<>();
            fields.fieldNames().forEachRemaining(names::add);
            InvalidValue.require(
                    fields.path("file").isTextual() && Set.of("file", "task").containsAll(names),
                    "data",
                    value,
                    expected);
            return new DataSet(name, fields.get("file").asText(), text(fields.path("task")));
        } catch (JsonProcessingException e) {
            InvalidValue.require(false, "data", value, expected);
            throw new IllegalStateException(e);
        }
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? "" : node.asText();
    }
}
