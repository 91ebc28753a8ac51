package dev.respec.ops.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import dev.respec.topics.RecordedLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a run as Parquet files in a folder, so that a topic is read once: a later reading appends what was
 * written since, as the offsets say. What the topic has since compacted or deleted stays. One process at a time: the
 * others wait at the folder's lock.
 */
final class TableCache implements AutoCloseable {
    /** Parts of a table beyond which they become one: each costs a query a file. */
    private static final int MOST_PARTS = 16;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final String runId;
    private final DuckDb database;
    private final FileChannel lock;

    private TableCache(Path folder, String runId, DuckDb database, FileChannel lock) {
        this.folder = folder;
        this.runId = runId;
        this.database = database;
        this.lock = lock;
    }

    /**
     * What was read of a table.
     *
     * @param definition statement that made the rows: another one makes other rows
     * @param state of the topic's files before it was read, see {@link LogFiles}
     * @param ends one past the last offset read, by partition
     * @param parts names of files
     */
    record Manifest(String runId, String definition, String state, Map<Integer, Long> ends, List<String> parts) {
        Manifest {
            ends = new TreeMap<>(ends);
            parts = List.copyOf(parts);
        }
    }

    /** Waits until no other process uses the folder. */
    static TableCache open(Path folder, String runId, DuckDb database) {
        try {
            Files.createDirectories(folder);
            FileChannel lock =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock.lock();
            return new TableCache(folder, runId, database, lock);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + folder + ": " + e.getMessage(), e);
        }
    }

    /** The table's files if nothing was written to the topic since; empty if it has to be read. */
    Optional<List<Path>> current(QueryTable table, String state) {
        Manifest known = known(table);
        return known == null || state.isEmpty() || !known.state().equals(state)
                ? Optional.empty()
                : Optional.of(paths(known));
    }

    /**
     * Reads what was written to the topic since the last time.
     *
     * @param state of the topic's files, taken before this call; empty if they are elsewhere
     * @return the table's files
     */
    List<Path> refresh(QueryTable table, String state, EventLog events, TransferProgress progress) {
        Manifest known = known(table);
        if (known != null) {
            Optional<Manifest> extended = read(table, state, known, events, progress);
            if (extended.isPresent()) {
                return paths(extended.get());
            }
        }
        Manifest nothing = new Manifest(runId, definition(table), "", Map.of(), List.of());
        return paths(read(table, state, nothing, events, progress).orElseThrow());
    }

    /** Empty if the topic ends before what is known of it: then it is another topic of the same name. */
    private Optional<Manifest> read(
            QueryTable table, String state, Manifest known, EventLog events, TransferProgress progress) {
        Path lines = database.file(table.tableName() + ".jsonl");
        try (RecordedLog log = events.recorded(List.of(table.topic()), LogRange.after(known.ends()))) {
            Map<Integer, Long> ends = log.ends(table.topic());
            if (known.ends().entrySet().stream()
                    .anyMatch(end -> ends.getOrDefault(end.getKey(), -1L) < end.getValue())) {
                return Optional.empty();
            }
            List<String> parts = new ArrayList<>(known.parts());
            if (write(log, lines, progress) > 0 || parts.isEmpty()) {
                parts.add(part(table, parts.size()));
                copy(table.queriedRows(lines), folder.resolve(parts.get(parts.size() - 1)));
            }
            List<String> kept = parts.size() > MOST_PARTS ? joined(table, parts) : parts;
            Manifest manifest = new Manifest(runId, known.definition(), state, ends, kept);
            write(table, manifest);
            deleteOthers(table, manifest);
            return Optional.of(manifest);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder + ": " + e.getMessage(), e);
        }
    }

    private long write(RecordedLog log, Path lines, TransferProgress progress) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(lines), 1 << 16)) {
            return new JsonLinesExport(Selection.of(runId), new TokenText(null), progress).write(log, out);
        }
    }

    private List<String> joined(QueryTable table, List<String> parts) throws IOException {
        String whole = part(table, parts.size());
        copy("SELECT * FROM " + source(parts.stream().map(folder::resolve).toList()), folder.resolve(whole));
        return List.of(whole);
    }

    /** A name that no part has: a part that another manifest named is never written over. */
    private String part(QueryTable table, int number) {
        int free = number;
        while (Files.exists(folder.resolve(table.tableName() + "." + free + ".parquet"))) {
            free++;
        }
        return table.tableName() + "." + free + ".parquet";
    }

    private void copy(String rows, Path file) throws IOException {
        Path unfinished = folder.resolve("unfinished");
        database.execute(
                "COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd)".formatted(rows, DuckDb.quoted(unfinished)));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Null if nothing of use is known. */
    private @Nullable Manifest known(QueryTable table) {
        Path file = manifest(table);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            Manifest manifest = JSON.readValue(file.toFile(), Manifest.class);
            boolean usable = manifest.runId().equals(runId)
                    && manifest.definition().equals(definition(table))
                    && paths(manifest).stream().allMatch(Files::exists);
            return usable ? manifest : null;
        } catch (IOException unreadable) {
            return null; // a cache that cannot be read is made again
        }
    }

    private void write(QueryTable table, Manifest manifest) throws IOException {
        Path fresh = folder.resolve("unfinished");
        JSON.writeValue(fresh.toFile(), manifest);
        Files.move(fresh, manifest(table), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void deleteOthers(QueryTable table, Manifest manifest) throws IOException {
        try (var files = Files.newDirectoryStream(folder, table.tableName() + ".*.parquet")) {
            for (Path file : files) {
                if (!manifest.parts().contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }

    private Path manifest(QueryTable table) {
        return folder.resolve(table.tableName() + ".json");
    }

    private List<Path> paths(Manifest manifest) {
        return manifest.parts().stream().map(folder::resolve).toList();
    }

    private static String definition(QueryTable table) {
        return table.queriedRows(Path.of("/"));
    }

    /** A source for {@code FROM}: the rows of the files, one after the other. */
    static String source(List<Path> files) {
        return "read_parquet([%s])"
                .formatted(String.join(
                        ", ",
                        files.stream()
                                .map(file -> "'" + DuckDb.quoted(file) + "'")
                                .toList()));
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
