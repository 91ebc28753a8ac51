package dev.respec.ops.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.stage.BadInputException;
import dev.respec.topics.EventLog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The tables of {@link QueryTable} kept open for many questions, of a run that is over or of one that goes on. Rows come
 * as JSON objects, so that what a page shows is what {@code respec query} answers. Thread-safe; one question at a time.
 */
public final class RunDatabase implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    /** Tables with the text and the tokens of every rollout stay in the files of the cache. */
    private static final List<QueryTable> LARGE = List.of(QueryTable.ROLLOUTS, QueryTable.SCORES);

    private static final Pattern READS_ROLLOUTS = Pattern.compile("\\b(FROM|JOIN)\\s+rollouts\\b");

    private static final int REMEMBERED = 4;

    private final DuckDb database = DuckDb.open();
    private final Map<List<Object>, long[]> found = new LinkedHashMap<>(8, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Object>, long[]> eldest) {
            return size() > REMEMBERED;
        }
    };
    private volatile long revision;

    public RunDatabase() {
        QueryTable.createAll(database);
    }

    /** Brings all tables of a run that does not go on. */
    public synchronized void load(RunAccess access) throws InterruptedException {
        revision++;
        found.clear();
        try (RunTables tables = new RunTables(database, List.of(QueryTable.values()), TransferProgress.silent())) {
            tables.load(access);
            for (QueryTable table : QueryTable.values()) {
                if (!LARGE.contains(table)) {
                    own(table);
                }
            }
        }
    }

    /** Copies a table out of its files, so that its rows have numbers. */
    private void own(QueryTable table) {
        String name = table.tableName();
        database.execute("CREATE TABLE own AS SELECT * FROM " + name);
        database.execute("DROP VIEW IF EXISTS " + name);
        database.execute("DROP TABLE IF EXISTS " + name);
        database.execute("ALTER TABLE own RENAME TO " + name);
    }

    /**
     * Begins to read the topics of a run that goes on; the caller keeps the log open meanwhile.
     *
     * @param mostRecords the newest that are read of each topic to begin with; rollouts and requests beyond them are
     *     forgotten from time to time
     */
    public RunFollower follow(EventLog events, String runId, long mostRecords) {
        synchronized (this) {
            database.execute("SET threads = 1"); // the run needs processor and memory more
            database.execute("SET memory_limit = '512MB'");
        }
        return new RunFollower(this, events, runId, mostRecords);
    }

    /** Appends the lines of {@link #lines}. */
    synchronized void append(QueryTable table) {
        database.repeat("INSERT INTO %s %s".formatted(table.tableName(), table.queriedRows(lines(table))));
        revision++;
        found.clear();
    }

    /** Changes with the rows: an answer is that of the same question before, while this is the same. */
    public long revision() {
        return revision;
    }

    /** Forgets the rows that were appended first. */
    synchronized void keepNewest(QueryTable table, long rows) {
        String name = table.tableName();
        if (number("SELECT count(*) FROM " + name, List.of()) > rows) {
            database.execute(
                    "DELETE FROM %s WHERE rowid <= (SELECT max(rowid) FROM %s) - %d".formatted(name, name, rows));
            revision++;
            found.clear();
        }
    }

    /** Every status is complete and replaces the ones before it. */
    synchronized void keepNewestStatuses() {
        database.execute("DELETE FROM workers WHERE (worker_id, kafka_offset) NOT IN"
                + " (SELECT (worker_id, max(kafka_offset)) FROM workers GROUP BY worker_id)");
    }

    /** Where new records of a table are written before they are appended; the same file each time. */
    Path lines(QueryTable table) {
        return database.file("new-" + table.tableName() + ".jsonl");
    }

    /** Names of the queries that ship. */
    public static List<String> queries() {
        return SqlText.QUERIES;
    }

    /**
     * The statement of a query that ships, as {@code respec query NAME} runs it.
     *
     * @throws BadInputException if there is none, or it needs a table that is not read of a run that goes on
     */
    public static String shipped(String name) {
        String statement = SqlText.query(name)
                .map(SqlText::statement)
                .orElseThrow(() -> new BadInputException(
                        "there is no query '%s': one of %s".formatted(name, String.join(", ", SqlText.QUERIES))));
        if (READS_ROLLOUTS.matcher(statement).find()) {
            throw new BadInputException(
                    "query '%s' needs the table rollouts, which is not read here: ask 'respec query %s'"
                            .formatted(name, name));
        }
        return statement;
    }

    /**
     * Rows as JSON objects, numbers that are none as null.
     *
     * @param parameters of the question marks in the statement
     */
    public synchronized List<String> rows(String sql, List<?> parameters) {
        try {
            return database
                    .texts("SELECT to_json(result_row)::VARCHAR FROM (%s) AS result_row".formatted(sql), parameters)
                    .stream()
                    .map(RunDatabase::numbersOnly)
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    /**
     * The first column of a statement. Remembered for a few statements while the tables stay as they are, so that the pages
     * of one result cost one reading.
     */
    public synchronized long[] numbers(String sql, List<?> parameters) {
        return found.computeIfAbsent(List.of(sql, List.copyOf(parameters)), question -> {
            try {
                return database.numbers(sql, parameters);
            } catch (SQLException e) {
                throw new IllegalStateException(sql + ": " + e.getMessage(), e);
            }
        });
    }

    /** One number, 0 if there is none. */
    public synchronized long number(String sql, List<?> parameters) {
        try {
            List<String> found = database.texts(sql, parameters);
            return found.isEmpty() || found.get(0) == null ? 0 : Long.parseLong(found.get(0));
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    private static String numbersOnly(String row) {
        if (!row.contains("NaN") && !row.contains("Infinity")) {
            return row;
        }
        try {
            JsonNode node = JSON.readTree(row);
            finite(node);
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void finite(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().stream()
                    .filter(field -> field.getValue().isFloatingPointNumber()
                            && !Double.isFinite(field.getValue().asDouble()))
                    .map(Map.Entry::getKey)
                    .toList()
                    .forEach(name -> object.set(name, NullNode.getInstance()));
        }
        if (node instanceof ContainerNode<?>) {
            node.forEach(RunDatabase::finite);
        }
    }

    @Override
    public synchronized void close() {
        database.close();
    }
}
