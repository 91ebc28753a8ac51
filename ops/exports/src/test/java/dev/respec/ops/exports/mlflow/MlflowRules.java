package dev.respec.ops.exports.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a tracking server of MLflow 2 and 3 refuses ({@code mlflow/utils/validation.py} and its SQL store), with its error
 * codes. Where it would cut a text that is too long, this one refuses it.
 */
final class MlflowRules {
    private static final int MOST_NAME_LENGTH = 250;
    private static final int MOST_PARAMETER_LENGTH = 6000;
    private static final int MOST_TAG_LENGTH = 5000;
    private static final int MOST_PARAMETERS_OR_TAGS = 100;
    private static final int MOST_ENTRIES = 1000;
    private static final int MOST_REQUEST_BYTES = 1_000_000;

    private MlflowRules() {}

    /** An answer that is a refusal. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int status;
        final String code;

        Refused(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    static JsonNode require(JsonNode asked, String field) {
        if (!asked.has(field)) {
            throw invalid("Missing value for required parameter '" + field + "'");
        }
        return asked.get(field);
    }

    /** @param parameters that the run has: none of them may change */
    static void requireBatch(JsonNode asked, int bytes, Map<String, String> parameters) {
        JsonNode metrics = asked.path("metrics");
        JsonNode params = asked.path("params");
        JsonNode tags = asked.path("tags");
        if (bytes > MOST_REQUEST_BYTES
                || params.size() > MOST_PARAMETERS_OR_TAGS
                || tags.size() > MOST_PARAMETERS_OR_TAGS
                || metrics.size() + params.size() + tags.size() > MOST_ENTRIES) {
            throw invalid("A batch logging request can contain at most 1000 metrics, params and tags");
        }
        metrics.forEach(MlflowRules::requireMetric);
        tags.forEach(MlflowRules::requireTag);
        Set<String> keys = new HashSet<>();
        for (JsonNode parameter : params) {
            String key = requireName(require(parameter, "key").asText());
            String value = requireLength("Param value", MOST_PARAMETER_LENGTH, require(parameter, "value"));
            if (!keys.add(key)) {
                throw invalid("Duplicate parameter keys have been submitted: " + key);
            }
            if (!parameters.getOrDefault(key, value).equals(value)) {
                throw invalid("Changing param values is not allowed. Params were already logged: " + key);
            }
        }
    }

    private static void requireMetric(JsonNode metric) {
        requireName(require(metric, "key").asText());
        require(metric, "step");
        if (!require(metric, "value").isNumber() || require(metric, "timestamp").asLong() < 0) {
            throw invalid("Got invalid value or timestamp for metric " + metric.path("key"));
        }
    }

    static void requireTag(JsonNode tag) {
        requireName(require(tag, "key").asText());
        requireLength("Tag value", MOST_TAG_LENGTH, require(tag, "value"));
    }

    private static String requireName(String name) {
        if (!name.matches("[/A-Za-z0-9_.\\- ]+")) {
            throw invalid("Invalid name: '%s'. Names may only contain alphanumerics, underscores (_), dashes (-)"
                    .formatted(name));
        }
        if (!normalised(name).equals(name)) {
            throw invalid("Invalid name: '%s'. Names may be treated as files in certain cases".formatted(name));
        }
        if (name.length() > MOST_NAME_LENGTH) {
            throw invalid("Key '%s' had length %d".formatted(name, name.length()));
        }
        return name;
    }

    /** As {@code posixpath.normpath} does, with a refusal of what leaves the folder. */
    private static String normalised(String name) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                return "";
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    private static String requireLength(String what, int most, JsonNode value) {
        if (value.asText().length() > most) {
            throw invalid("%s had length %d, which exceeded length limit of %d"
                    .formatted(what, value.asText().length(), most));
        }
        return value.asText();
    }

    static void requirePath(String path) {
        if (List.of(path.split("/")).contains("..") || path.startsWith("/") || path.contains("#")) {
            throw invalid("Invalid path");
        }
    }

    private static Refused invalid(String message) {
        return new Refused(400, "INVALID_PARAMETER_VALUE", message);
    }
}
