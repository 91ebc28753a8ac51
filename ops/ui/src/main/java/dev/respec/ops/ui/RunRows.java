package dev.respec.ops.ui;

import static java.util.Objects.requireNonNull;

import dev.respec.ops.replay.RunDatabase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all viewers of a run are shown: rows that only grow and a state that is replaced. The reader's thread adds; any
 * thread may read and wait.
 */
final class RunRows {
    private final Map<Feed, List<String>> rows = new EnumMap<>(Feed.class);
    private final Map<String, Long> read = new HashMap<>();
    private String state = "{}";
    private long revision;
    private long generation;
    private long generationShown;
    private long sizesShown;

    /** How much of a run one viewer has seen. */
    static final class Cursor {
        private long generation = -1;
        private long revision;
        private final Map<Feed, Integer> seen = new EnumMap<>(Feed.class);
    }

    /**
     * What a viewer has not seen yet.
     *
     * @param reset whether the rows it has seen belong to an earlier reading and are to be dropped
     * @param rows by feed
     */
    record News(boolean reset, Map<Feed, List<String>> rows, String state) {}

    RunRows() {
        for (Feed feed : Feed.values()) {
            rows.put(feed, new ArrayList<>());
        }
    }

    /** Starts over: the run is read again. */
    synchronized void clear() {
        rows.values().forEach(List::clear);
        read.clear();
        generation++;
    }

    /** Adds the rows that the database has received since the last call. */
    void refresh(RunDatabase database) {
        Map<String, Long> ends = new HashMap<>();
        for (Feed feed : Feed.values()) {
            long end = ends.computeIfAbsent(
                    feed.table(), table -> database.number("SELECT max(rowid) + 1 FROM " + table, List.of()));
            long begin = read.getOrDefault(feed.table(), 0L);
            if (end > begin) {
                List<String> added = feed.rows(database, begin, end);
                synchronized (this) {
                    requireNonNull(rows.get(feed)).addAll(added);
                }
            }
        }
        read.putAll(ends);
    }

    /** Shows it, with what was added before. */
    synchronized void show(String newState) {
        if (!newState.equals(state) || generationShown != generation || sizes() != sizesShown) {
            state = newState;
            generationShown = generation;
            sizesShown = sizes();
            revision++;
            notifyAll();
        }
    }

    private long sizes() {
        return rows.values().stream().mapToLong(List::size).sum();
    }

    synchronized List<String> all(Feed feed) {
        return List.copyOf(requireNonNull(rows.get(feed)));
    }

    synchronized String state() {
        return state;
    }

    /** Waits for something that the viewer has not seen; null if nothing has come within the timeout. */
    synchronized @Nullable News next(Cursor cursor, long mostMilliseconds) throws InterruptedException {
        if (cursor.revision == revision) {
            wait(mostMilliseconds);
        }
        if (cursor.revision == revision) {
            return null;
        }
        boolean reset = cursor.generation != generation;
        if (reset) {
            cursor.seen.clear();
            cursor.generation = generation;
        }
        cursor.revision = revision;
        Map<Feed, List<String>> news = new EnumMap<>(Feed.class);
        rows.forEach((feed, all) -> {
            int seen = cursor.seen.getOrDefault(feed, 0);
            if (all.size() > seen) {
                news.put(feed, List.copyOf(all.subList(seen, all.size())));
                cursor.seen.put(feed, all.size());
            }
        });
        return new News(reset, news, state);
    }
}
