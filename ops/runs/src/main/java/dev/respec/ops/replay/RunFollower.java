package dev.respec.ops.replay;

import dev.respec.topics.EventLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * Appends to a {@link RunDatabase} what a run writes: every record is read once. {@code rollouts} is not read, its
 * records are in {@code scores} a moment later. Nothing is written to any topic. One thread.
 */
public final class RunFollower implements AutoCloseable {
    /** What follows from something is read before it, so that nothing appears without its cause. */
    static final List<QueryTable> EFFECTS_FIRST = List.of(
            QueryTable.DEAD_LETTERS,
            QueryTable.COSTS,
            QueryTable.SETTINGS,
            QueryTable.STATISTICS,
            QueryTable.WEIGHT_UPDATES,
            QueryTable.EVALUATIONS,
            QueryTable.STEPS,
            QueryTable.WORKERS,
            QueryTable.SCORES,
            QueryTable.REQUESTS);

    /** Tables of which the page shows the newest rows or asks for single ones: they may lose their oldest. */
    private static final List<QueryTable> BOUNDED = List.of(QueryTable.SCORES, QueryTable.REQUESTS);
    /** Readings between two times that old rows are deleted. */
    private static final int TIDY_EVERY = 64;

    private final RunDatabase database;
    private final EventLog events;
    private final Selection selection;
    private final long mostRecords;
    private final Map<QueryTable, TopicReader<?>> readers = new LinkedHashMap<>();
    private final List<String> refused = new ArrayList<>();
    private long readings;

    /** How far a first reading is, in records. */
    public interface Progress {
        void at(long done, long total);
    }

    RunFollower(RunDatabase database, EventLog events, String runId, long mostRecords) {
        this.database = database;
        this.events = events;
        this.selection = Selection.of(runId);
        this.mostRecords = mostRecords;
        try {
            for (QueryTable table : EFFECTS_FIRST) {
                unlessRefused(table, () -> readers.put(table, TopicReader.open(events, table.topic(), mostRecords)));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Topics that this client may not read, each as one line; their tables stay as they are. */
    public List<String> refused() {
        return List.copyOf(refused);
    }

    /** Reads up to what the topics hold at the call; says whether anything was new. */
    public boolean catchUp(Progress progress) {
        Map<QueryTable, Map<Integer, Long>> ends = new EnumMap<>(QueryTable.class);
        long total = 0;
        for (QueryTable table : List.copyOf(readers.keySet())) {
            unlessRefused(table, () -> ends.put(table, reader(table).ends()));
        }
        for (Map.Entry<QueryTable, Map<Integer, Long>> each : ends.entrySet()) {
            total += reader(each.getKey()).distance(each.getValue());
        }
        long before = 0;
        for (QueryTable table : List.copyOf(readers.keySet())) {
            long distance = reader(table).distance(ends.getOrDefault(table, Map.of()));
            long done = before;
            long all = total;
            unlessRefused(
                    table,
                    () -> read(
                            table,
                            ends.getOrDefault(table, Map.of()),
                            left -> progress.at(done + distance - left, all)));
            before += distance;
        }
        return total > 0;
    }

    private interface Left {
        void is(long records);
    }

    private void read(QueryTable table, Map<Integer, Long> ends, Left left) {
        TopicReader<?> reader = reader(table);
        for (long distance = reader.distance(ends); distance > 0; distance = reader.distance(ends)) {
            left.is(distance);
            append(table, reader);
        }
    }

    private TopicReader<?> reader(QueryTable table) {
        TopicReader<?> reader = readers.get(table);
        if (reader == null) {
            throw new IllegalStateException("no reader of " + table.tableName());
        }
        return reader;
    }

    private void unlessRefused(QueryTable table, Runnable reading) {
        try {
            reading.run();
        } catch (AuthorizationException e) {
            TopicReader<?> reader = readers.remove(table);
            if (reader != null) {
                reader.close();
            }
            refused.add("topic %s: this client may not read it; give its user the role observer ('respec topics acls')"
                    .formatted(events.topicName(table.topic())));
        }
    }

    private void append(QueryTable table, TopicReader<?> reader) {
        Path lines = database.lines(table);
        try {
            long written;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(lines), 1 << 16)) {
                written = reader.write(selection, out);
            }
            if (written > 0) {
                database.append(table);
            }
            if (++readings % TIDY_EVERY == 0) {
                BOUNDED.forEach(bounded -> database.keepNewest(bounded, mostRecords));
                database.keepNewestStatuses();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + lines + ": " + e.getMessage(), e);
        }
    }

    /** A thread that was told to end closes its consumers undisturbed: they log an error when they are interrupted. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        readers.values().forEach(TopicReader::close);
        readers.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
