package dev.respec.ops.replay;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
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

/**
 * SQL over a run's topics as tables. A statement is checked before anything is read, and only the tables that it names
 * are read. One thread.
 */
public final class RunQuery implements AutoCloseable {
    private final DuckDb database = DuckDb.open();
    private final String sql;

    private RunQuery(String sql) {
        this.sql = sql;
    }

    /**
     * Checks a question against the tables there are.
     *
     * @param text SQL, the name of a query that ships with the command, or the name of a table or its topic
     * @throws ConfigException if a name is neither of a query nor of a table
     * @throws BadInputException saying what is wrong with it and what there is
     */
    public static RunQuery of(String text) {
        RunQuery query = new RunQuery(statement(text));
        try {
            QueryTable.createAll(query.database);
            query.ask(() -> {
                query.database.verify(query.sql);
                return true;
            });
            return query;
        } catch (RuntimeException e) {
            query.close();
            throw e;
        }
    }

    /** What {@code --list} shows: the named queries, then the tables with their columns. */
    public static List<String> catalogue() {
        List<String> lines = new ArrayList<>(List.of("Queries"));
        SqlText.QUERIES.forEach(name -> lines.add(
                "  %-22s %s".formatted(name, SqlText.query(name).orElseThrow().description())));
        lines.add("");
        lines.add("Tables");
        try (RunQuery empty = new RunQuery("")) {
            QueryTable.createAll(empty.database);
            for (QueryTable table : QueryTable.values()) {
                lines.add("  %-22s %s".formatted(table.tableName(), table.sql().description()));
                lines.add("  %-22s   %s".formatted("", String.join(", ", empty.columns(table))));
            }
        }
        return lines;
    }

    private static String statement(String text) {
        String stripped = text.strip().replaceFirst(";\\s*$", "");
        if (!stripped.matches("[A-Za-z0-9_-]+")) {
            return stripped;
        }
        return SqlText.query(stripped)
                .map(SqlText::statement)
                .or(() -> QueryTable.named(stripped).map(table -> "SELECT * FROM " + table.tableName()))
                .orElseThrow(() -> new ConfigException(
                        "query: there is no query or table '%s': give SQL, one of the queries %s, or one of the tables %s"
                                .formatted(stripped, String.join(", ", SqlText.QUERIES), tableNames())));
    }

    private static String tableNames() {
        return Arrays.stream(QueryTable.values()).map(QueryTable::tableName).collect(Collectors.joining(", "));
    }

    DuckDb database() {
        return database;
    }

    /** The tables that the statement names. */
    List<QueryTable> tables() {
        return QueryTable.namedIn(sql);
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
        List<QueryTable> named = tables();
        return "tables: "
                + Arrays.stream(QueryTable.values())
                        .map(table -> named.contains(table)
                                ? table.tableName() + "(" + String.join(", ", columns(table)) + ")"
                                : table.tableName())
                        .collect(Collectors.joining(", "));
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
