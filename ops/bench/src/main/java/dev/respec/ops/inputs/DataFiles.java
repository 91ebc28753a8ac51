package dev.respec.ops.inputs;

import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the files of a run's data are there. An image that has one stage only can tell. */
final class DataFiles {
    private static final String GENERATED = "builtin:arithmetic";

    private DataFiles() {}

    static void requireTraining(RespecConfig config) {
        require("data.train", config.data().train());
    }

    static void requireEvaluation(RespecConfig config) {
        require("data.evaluation", config.data().evaluation());
    }

    /** The data sets that the policy is evaluated on while it is trained. */
    static void requireEvaluations(RespecConfig config) {
        if (config.evaluation().enabled()) {
            config.evaluation()
                    .dataSets(config.data())
                    .forEach(set -> require("evaluation.data, " + set.name(), set.location()));
        }
    }

    /** The file of a location; empty for generated data. */
    static Optional<Path> named(String location) {
        return location.equals(GENERATED) ? Optional.empty() : Optional.of(Path.of(location));
    }

    private static void require(String key, String location) {
        if (location.startsWith("builtin:") && !location.equals(GENERATED)) {
            throw new ConfigException(
                    "%s is %s: expected %s or the path of a .jsonl file".formatted(key, location, GENERATED));
        }
        named(location).ifPresent(file -> Paths.requireReadableData(key, file));
    }
}
