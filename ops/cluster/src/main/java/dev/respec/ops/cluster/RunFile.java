package dev.respec.ops.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a data folder knows of its run between two starts.
 *
 * @param startedAt ISO 8601
 * @param wallSeconds of all starts until it was written
 * @param firstRolloutSeconds from the start that saw it; null until then
 */
public record RunFile(
        String runId,
        long seed,
        int steps,
        Status status,
        String startedAt,
        double wallSeconds,
        @Nullable Double firstRolloutSeconds) {

    /** A run is finished once its summary is written. */
    public enum Status {
        RUNNING,
        FINISHED
    }

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public static RunFile begin(String runId, long seed, int steps, Instant now) {
        return new RunFile(runId, seed, steps, Status.RUNNING, now.toString(), 0, null);
    }

    public RunFile withSteps(int newSteps) {
        return new RunFile(runId, seed, newSteps, Status.RUNNING, startedAt, wallSeconds, firstRolloutSeconds);
    }

    public RunFile after(double seconds, Status newStatus) {
        return new RunFile(runId, seed, steps, newStatus, startedAt, wallSeconds + seconds, firstRolloutSeconds);
    }

    public RunFile withFirstRollout(double seconds) {
        return new RunFile(runId, seed, steps, status, startedAt, wallSeconds, seconds);
    }

    public static Optional<RunFile> read(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), RunFile.class));
        } catch (IOException e) {
            String reason = e instanceof UnrecognizedPropertyException unknown
                    ? "it has the field '" + unknown.getPropertyName() + "', which this version does not know"
                    : BadInputException.firstLine(e);
            throw new BadInputException(
                    "%s cannot be read (%s): if a newer respec wrote it, use that one; else start over with --fresh, or choose another --data-dir"
                            .formatted(file, reason),
                    e);
        }
    }

    public void write(Path file) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            JSON.writeValue(fresh.toFile(), this);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
