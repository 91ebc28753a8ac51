package dev.respec.ops.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Tells other processes of this machine how the processes of a local run are: a file that is replaced when one changes. */
public final class ProcessStates {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private List<State> written = List.of();

    public ProcessStates(DataFolder folder) {
        this.file = folder.processes();
    }

    /**
     * One process.
     *
     * @param pid 0 while it is not running
     * @param startedAt ISO 8601, of its newest start
     * @param restarts since the run was started
     */
    public record State(String name, long pid, String startedAt, int restarts, String state) {}

    /** Writes them if one has changed. */
    public void update(List<State> states) {
        if (states.equals(written)) {
            return;
        }
        written = List.copyOf(states);
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            JSON.writeValue(fresh.toFile(), written);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** Empty if a run has left none. */
    public static List<State> read(DataFolder folder) {
        try {
            return Files.exists(folder.processes())
                    ? List.of(JSON.readValue(folder.processes().toFile(), State[].class))
                    : List.of();
        } catch (IOException unreadable) {
            return List.of(); // of another build
        }
    }
}
