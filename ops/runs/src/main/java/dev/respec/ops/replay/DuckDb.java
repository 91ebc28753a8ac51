package dev.respec.ops.replay;

import dev.respec.ops.replay.SqlTypes.Column;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A database of its own for one command, in a temporary folder that goes with it. One thread. */
public final class DuckDb implements AutoCloseable {
    /** A line is read whole; threads hold two each. */
    private static final int LONGEST_LINE_BYTES = 32 << 20;

    private static final int MOST_PREPARED = 48;

    private final Path folder;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>(64, 0.75f, true);

    private DuckDb(Path folder, Connection connection) {
        this.folder = folder;
        this.connection = connection;
    }

    public static DuckDb open() {
        try {
            Path folder = Files.createTempDirectory("respec-duckdb");
            DuckDb database =
                    new DuckDb(folder, DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("run.duckdb")));
            database.execute("SET memory_limit = '2GB'");
            database.execute("SET preserve_insertion_order = true");
            database.execute("SET TimeZone = 'UTC'");
            database.execute("SET enable_external_file_cache = false"); // files are written again under their names
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("the embedded database does not start", e);
        }
    }

    /** A file of the folder. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** Runs a statement of our own. */
    void execute(String sql) {
        try {
            executeForUser(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    /** Runs a statement that may be wrong. */
    void executeForUser(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Checks a statement against the tables there are, without running it.
     *
     * @throws SQLException saying what is wrong
     */
    void verify(String sql) throws SQLException {
        connection.prepareStatement(sql).close();
    }

    /** The first column of a query of our own, as it is. */
    List<String> texts(String sql) throws SQLException {
        return texts(sql, List.of());
    }

    /** The same of a statement with parameters. */
    List<String> texts(String sql, List<?> parameters) throws SQLException {
        try (ResultSet result = prepared(sql, parameters).executeQuery()) {
            List<String> texts = new ArrayList<>();
            while (result.next()) {
                texts.add(result.getString(1));
            }
            return texts;
        }
    }

    /** The first column of a query of our own as whole numbers. */
    long[] numbers(String sql, List<?> parameters) throws SQLException {
        try (ResultSet result = prepared(sql, parameters).executeQuery()) {
            LongStream.Builder numbers = LongStream.builder();
            while (result.next()) {
                numbers.add(result.getLong(1));
            }
            return numbers.build().toArray();
        }
    }

    /** Runs a statement of our own that comes again and again. */
    void repeat(String sql) {
        try {
            prepared(sql, List.of()).execute();
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    /** Planned once as long as it is asked for often: planning takes longer than reading a few rows. */
    private PreparedStatement prepared(String sql, List<?> parameters) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
            if (prepared.size() > MOST_PREPARED) {
                Iterator<PreparedStatement> eldest = prepared.values().iterator();
                eldest.next().close();
                eldest.remove();
            }
        }
        for (int i = 0; i < parameters.size(); i++) {
            statement.setObject(i + 1, parameters.get(i));
        }
        return statement;
    }

    /** Rows as text; null stays null. */
    Rows query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            List<String> names = new ArrayList<>();
            for (int column = 1; column <= width; column++) {
                names.add(result.getMetaData().getColumnLabel(column));
            }
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>(width);
                for (int column = 1; column <= width; column++) {
                    row.add(CellText.of(result.getObject(column)));
                }
                rows.add(row);
            }
            return new Rows(names, rows);
        }
    }

    /** A source for {@code FROM}: a file of {@link JsonLinesExport}. */
    static String jsonLines(Path file, List<Column> columns) {
        return "read_json('%s', format = 'newline_delimited', maximum_object_size = %d, columns = {%s})"
                .formatted(
                        quoted(file),
                        LONGEST_LINE_BYTES,
                        columns.stream().map(Column::declaration).collect(Collectors.joining(", ")));
    }

    /** A path inside an SQL string. */
    static String quoted(Path file) {
        return file.toAbsolutePath().toString().replace("'", "''");
    }

    @Override
    public void close() {
        try {
            connection.close();
            FolderTree.delete(folder);
        } catch (SQLException | IOException e) {
            throw new IllegalStateException("the embedded database in " + folder + " cannot be removed", e);
        }
    }

    /** A result, its cells as {@link CellText} writes them. */
    record Rows(List<String> names, List<List<String>> rows) {}
}
