package dev.respec.ops.paper.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Workloads that runs recorded: of this folder, or the one that ships. */
final class RecordedWorkloads {
    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    private static final String SHIPPED = "/dev/respec/ops/paper/recorded-workload.json";

    private RecordedWorkloads() {}

    /** @param source where it was recorded, in words */
    record Recorded(Workload workload, String source) {}

    /** Of the newest run with all drafters and the learner; the one that ships if the folder has none. */
    static Recorded newest(Path runs) {
        for (Path file : measurements(runs)) {
            try {
                JsonNode workload = JSON.readTree(file.toFile()).path("workload");
                if (workload.isObject()) {
                    return new Recorded(
                            JSON.treeToValue(workload, Workload.class),
                            "the run in "
                                    + Objects.requireNonNull(file.getParent()).getFileName());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
            }
        }
        return new Recorded(
                shipped(),
                "a composite workload (response lengths of a recorded adaptive run of 4 steps, step times from the adaptive row of README.md, training speed of 'respec bench train' from docs/LOG.md at a load of 4 to 15)");
    }

    static Workload shipped() {
        try (InputStream json = Objects.requireNonNull(RecordedWorkloads.class.getResourceAsStream(SHIPPED))) {
            return JSON.readValue(json, Workload.class);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the recorded workload", e);
        }
    }

    private static List<Path> measurements(Path runs) {
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(runs)) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith("learner-"))
                    .map(folder -> folder.resolve("measured.json"))
                    .filter(Files::exists)
                    .sorted(Comparator.<Path>naturalOrder().reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + runs + ": " + e.getMessage(), e);
        }
    }
}
