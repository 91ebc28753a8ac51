package dev.respec.ops.replay;

import dev.respec.stage.BadInputException;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run's topics as tables, and SQL over them. Loads only what a statement names. One thread. */
public final class RunQuery implements AutoCloseable {
    private final DuckDb database = DuckDb.open();
    private final String sql;

    private RunQuery(String sql) {
        this.sql = sql;
    }

    /**
     * Loads what the statement needs.
     *
     * @param text SQL, or the name of a query that ships with the command
     * @throws BadInputException where a text of one word names no query
     */
    public static RunQuery load(String text, EventLog events, String runId, TransferProgress progress) {
        RunQuery query = new RunQuery(statement(text));
        try {
            for (QueryTable table : QueryTable.namedIn(query.sql)) {
                query.load(table, events, runId, progress);
            }
            return query;
        } catch (RuntimeException e) {
            query.close();
            throw e;
        }
    }

    /** What {@code --list} shows: the named queries, then the tables with their columns. */
    public static List<String> catalogue() {
        List<String> lines = new ArrayList<>(List.of("Queries"));
        SqlText.QUERIES.forEach(name -> lines.add("  %-22s %s"
                .formatted(name, SqlText.read("queries", name).orElseThrow().description())));
        lines.add("");
        lines.add("Tables");
        try (RunQuery empty = new RunQuery("")) {
            for (QueryTable table : QueryTable.values()) {
                empty.create(table, empty.emptyFile());
                lines.add("  %-22s %s".formatted(table.tableName(), table.sql().description()));
                lines.add("  %-22s   %s".formatted("", String.join(", ", empty.columns(table))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    private static String statement(String text) {
        String stripped = text.strip().replaceFirst(";\\s*$", "");
        if (!stripped.matches("[a-z0-9-]+")) {
            return stripped;
        }
        return SqlText.read("queries", stripped)
                .orElseThrow(() -> new BadInputException("query: there is no query '%s': give SQL, or one of %s"
                        .formatted(stripped, String.join(", ", SqlText.QUERIES))))
                .statement();
    }

    private void load(QueryTable table, EventLog events, String runId, TransferProgress progress) {
        var export = new RunExport(events, LogRange.all(), Selection.of(runId), new TokenText(null), progress);
        Path file = database.file(table.tableName() + ".jsonl");
        export.toFile(table.topic(), RunExport.Format.JSONL, file);
        create(table, file);
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void create(QueryTable table, Path file) {
        database.execute(table.creation(DuckDb.jsonLines(file, table.sourceColumns())));
    }

    private Path emptyFile() throws IOException {
        Path file = database.file("empty.jsonl");
        return Files.exists(file) ? file : Files.createFile(file);
    }

    /** The result as aligned text, its last line saying how many rows are left out. */
    public List<String> table(int mostRows) {
        return ask(() -> TableText.of(database.query(sql), mostRows));
    }

    /** The result as comma-separated values with a header. */
    public void csv(OutputStream out) {
        copy(out, "FORMAT csv, HEADER");
    }

    /** The result as one JSON array of objects. */
    public void json(OutputStream out) {
        copy(out, "FORMAT json, ARRAY true");
    }

    private void copy(OutputStream out, String format) {
        Path file = database.file("result");
        ask(() -> {
            database.executeForUser("COPY (%s) TO '%s' (%s)".formatted(sql, DuckDb.quoted(file), format));
            return file;
        });
        try (OutputStream buffered = new BufferedOutputStream(out)) {
            Files.copy(file, buffered);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Question<T> {
        T ask() throws SQLException;
    }

    private <T> T ask(Question<T> question) {
        try {
            return question.ask();
        } catch (SQLException e) {
            throw new BadInputException("query: " + complaint(e) + " (" + available() + ")", e);
        }
    }

    /** What is wrong with the statement, without the picture of the place. */
    private static String complaint(SQLException error) {
        return String.valueOf(error.getMessage())
                .lines()
                .takeWhile(line -> !line.startsWith("LINE "))
                .filter(line -> !line.isBlank())
                .map(line -> line.replaceFirst("^Invalid Input Error: Attempting to execute .* Error: ", ""))
                .filter(line -> !line.startsWith("Invalid Input Error: Attempting to execute"))
                .map(line -> line.replaceFirst("^Error: ", ""))
                .collect(Collectors.joining("; "));
    }

    /** Columns of the tables that the statement names, and the names of the others. */
    private String available() {
        List<QueryTable> named = QueryTable.namedIn(sql);
        boolean none = named.size() == QueryTable.values().length;
        Stream<String> described = Arrays.stream(QueryTable.values())
                .map(table -> none || !named.contains(table)
                        ? table.tableName()
                        : table.tableName() + "(" + String.join(", ", columns(table)) + ")");
        return "tables: " + described.collect(Collectors.joining(", "));
    }

    private List<String> columns(QueryTable table) {
        try {
            return database
                    .query("SELECT column_name FROM duckdb_columns() WHERE table_name = '%s' ORDER BY column_index"
                            .formatted(table.tableName()))
                    .rows()
                    .stream()
                    .map(row -> row.get(0).toLowerCase(Locale.ROOT))
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
