package dev.respec.ops.ui;

import dev.respec.ops.replay.RunDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sets of rows that only grow, one statement in {@code feeds/} each. A statement reads the new rows of one table,
 * {@code new_rows}, and returns the rows that follow from them.
 */
enum Feed {
    STEPS("steps"),
    LENGTHS("steps"),
    ROUNDS("steps"),
    INTERVALS("statistics"),
    DRAFTING("statistics"),
    SETTINGS("settings"),
    EVALUATIONS("evaluations");

    private final String table;
    private final String statement;

    Feed(String table) {
        this.table = table;
        this.statement = read("feeds/" + key());
    }

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Feed> named(String key) {
        return Stream.of(values()).filter(feed -> feed.key().equals(key)).findFirst();
    }

    String table() {
        return table;
    }

    /** The rows that follow from the table's rows with these numbers. */
    List<String> rows(RunDatabase database, long from, long to) {
        String rows = "WITH new_rows AS (SELECT *, rowid AS row_number FROM %s WHERE rowid >= ? AND rowid < ?) "
                .formatted(table);
        return database.rows(rows + statement, List.of(from, to));
    }

    static String read(String name) {
        try (InputStream file = Feed.class.getResourceAsStream(name + ".sql")) {
            if (file == null) {
                throw new IllegalStateException("this installation has no " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
