package dev.respec.ops.replay;

import dev.respec.topics.EventLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Appends to a {@link RunDatabase} what a run that goes on writes: every record is read once. {@code rollouts} is not
 * read, its records are in {@code scores} a moment later. One thread.
 */
public final class RunFollower implements AutoCloseable {
    /** What follows from something is read before it, so that nothing appears without its cause. */
    private static final List<QueryTable> EFFECTS_FIRST = List.of(
            QueryTable.DEAD_LETTERS,
            QueryTable.COSTS,
            QueryTable.SETTINGS,
            QueryTable.STATISTICS,
            QueryTable.WEIGHT_UPDATES,
            QueryTable.STEPS,
            QueryTable.WORKERS,
            QueryTable.SCORES,
            QueryTable.REQUESTS);

    private final RunDatabase database;
    private final Selection selection;
    private final Map<QueryTable, TopicReader<?>> readers = new LinkedHashMap<>();
    private long readings;

    RunFollower(RunDatabase database, EventLog events, String runId) {
        this.database = database;
        this.selection = Selection.of(runId);
        try {
            EFFECTS_FIRST.forEach(table -> readers.put(table, TopicReader.open(events, table.topic())));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Reads up to what the topics hold at the call; says whether anything was new. */
    public boolean catchUp() {
        boolean changed = false;
        for (Map.Entry<QueryTable, TopicReader<?>> each : readers.entrySet()) {
            TopicReader<?> reader = each.getValue();
            Map<Integer, Long> ends = reader.ends();
            while (!reader.isAt(ends)) {
                changed |= append(each.getKey(), reader);
            }
        }
        return changed;
    }

    private boolean append(QueryTable table, TopicReader<?> reader) {
        // never the same name twice: the database may keep what it read under a name
        Path lines = database.file("following-" + readings++ + ".jsonl");
        try {
            long written;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(lines), 1 << 16)) {
                written = reader.write(selection, out);
            }
            if (written > 0) {
                database.append(table, lines);
            }
            Files.delete(lines);
            return written > 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + lines + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        readers.values().forEach(TopicReader::close);
        readers.clear();
    }
}
