package dev.respec.ops.exports.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Keeps how far an export has come, for a target that cannot remember it itself. */
public final class ProgressFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public ProgressFile(Path file) {
        this.file = file;
    }

    /**
     * How far it has come.
     *
     * @param steps last step by kind of item
     * @param bytes of what the target has written; 0 if it writes no file
     */
    public record Progress(String runId, SortedMap<String, Long> steps, long bytes) {
        public Progress {
            steps = new TreeMap<>(steps);
        }

        public static Progress none(String runId) {
            return new Progress(runId, new TreeMap<>(), 0);
        }

        /** After these items. */
        public Progress with(Iterable<ExportItem> items, long newBytes) {
            SortedMap<String, Long> newSteps = new TreeMap<>(steps);
            items.forEach(item -> newSteps.merge(item.kind(), item.step(), Math::max));
            return new Progress(runId, newSteps, newBytes);
        }
    }

    /** Empty for a first export, and if the file cannot be read. */
    public Optional<Progress> read() {
        try {
            return Files.exists(file) ? Optional.of(JSON.readValue(file.toFile(), Progress.class)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Replaces it atomically. */
    public void write(Progress progress) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.createDirectories(file.toAbsolutePath().getParent());
            JSON.writeValue(
                    fresh.toFile(),
                    Map.of("runId", progress.runId(), "steps", progress.steps(), "bytes", progress.bytes()));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
