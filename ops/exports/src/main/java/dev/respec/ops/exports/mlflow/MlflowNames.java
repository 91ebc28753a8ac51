package dev.respec.ops.exports.mlflow;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Names and texts that every tracking server takes. It refuses the whole batch for one name with another character, one
 * that is no normal relative path (some stores keep entries as files), one that is too long, or one that occurs twice
 * among the parameters.
 */
final class MlflowNames {
    private static final int MOST_NAME_LENGTH = 250;
    private static final int MOST_PARAMETER_LENGTH = 6000;

    private MlflowNames() {}

    /** pass@1 is pass_at_1. A name that is cut ends in a digest of the whole one. */
    static String name(String key) {
        String plain = key.replace("@", "_at_").replaceAll("[^A-Za-z0-9_./ -]", "_");
        String path = Arrays.stream(plain.split("/", -1))
                .map(part -> part.matches("\\.{0,2}") ? "_" + part.replace('.', '_') : part)
                .collect(Collectors.joining("/"));
        if (path.length() <= MOST_NAME_LENGTH) {
            return path;
        }
        String digest = UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 8);
        return path.substring(0, MOST_NAME_LENGTH - digest.length() - 1) + "-" + digest;
    }

    /** Settings as parameters: empty ones are left out, because a parameter has a value. */
    static Map<String, String> parameters(SortedMap<String, String> settings) {
        Map<String, String> parameters = new LinkedHashMap<>();
        settings.forEach((key, value) -> {
            if (!value.isEmpty()) {
                String name = name(key);
                for (int i = 2; parameters.containsKey(name); i++) {
                    name = name(key + "_" + i);
                }
                parameters.put(name, value.substring(0, Math.min(value.length(), MOST_PARAMETER_LENGTH)));
            }
        });
        return parameters;
    }
}
