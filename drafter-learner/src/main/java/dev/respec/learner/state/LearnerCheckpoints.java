package dev.respec.learner.state;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.learner.distillation.Distiller;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.stage.BadInputException;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints of one run, a folder a round. A folder is complete when its state.json is there, which is written last; the
 * events a round announces lie in it, so that a crash before they are sent loses none.
 */
public final class LearnerCheckpoints {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATE = "state.json";
    private static final String CANDIDATE = "candidate.safetensors";
    private static final String IN_FORCE = "in-force";
    private static final String ANNOUNCEMENTS = "announcements.json";

    private final Path directory;

    public LearnerCheckpoints(Path directory) {
        this.directory = directory;
    }

    /** A complete round. */
    public record Stored(LearnerState state, Announcements announcements, Path candidate, Path inForce) {
        public void restore(Distiller distiller) {
            distiller.restore(candidate, Eagle3Checkpoint.read(inForce));
        }
    }

    /** Writes a round and forgets the ones before. */
    public void save(LearnerState state, Announcements announcements, Distiller distiller) {
        var folder = directory.resolve("round-%08d".formatted(state.round()));
        try {
            deleteTree(folder);
            Files.createDirectories(folder);
            distiller.saveCandidate(folder.resolve(CANDIDATE));
            distiller.current().withoutEmbeddings().write(folder.resolve(IN_FORCE));
            JSON.writeValue(folder.resolve(ANNOUNCEMENTS).toFile(), announcements);
            complete(folder, JSON.writeValueAsBytes(state));
            for (Path other : rounds()) {
                if (!other.equals(folder)) {
                    deleteTree(other);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("learner checkpoint " + folder + " cannot be written", e);
        }
    }

    private static void complete(Path folder, byte[] state) throws IOException {
        var partial = folder.resolve("." + STATE);
        Files.write(partial, state);
        try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(partial, folder.resolve(STATE), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * The newest complete round.
     *
     * @throws BadInputException if it cannot be read
     */
    public Optional<Stored> newest() {
        try {
            var complete = rounds().stream()
                    .filter(folder -> Files.exists(folder.resolve(STATE)))
                    .max(Comparator.naturalOrder());
            if (complete.isEmpty()) {
                return Optional.empty();
            }
            var folder = complete.get();
            return Optional.of(new Stored(
                    JSON.readValue(folder.resolve(STATE).toFile(), LearnerState.class),
                    JSON.readValue(folder.resolve(ANNOUNCEMENTS).toFile(), Announcements.class),
                    folder.resolve(CANDIDATE),
                    folder.resolve(IN_FORCE)));
        } catch (IOException e) {
            throw new BadInputException(
                    "learner checkpoint in %s cannot be read (%s): delete the folder to start from the drafter in force"
                            .formatted(directory, e.getMessage()),
                    e);
        }
    }

    private List<Path> rounds() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var folders = Files.list(directory)) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith("round-"))
                    .toList();
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        // The state first: what is left of an interrupted deletion is incomplete.
        Files.deleteIfExists(folder.resolve(STATE));
        FolderTree.delete(folder);
    }
}
