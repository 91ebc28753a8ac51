package dev.respec.ops.replay;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Maps as structs, whose fields are the keys that occur: data frames read those by name, and a map as a list of pairs.
 * A map without any key stays a map, and so does one with more keys than a schema should have, or with keys that differ
 * in case only.
 */
final class StructMaps {
    private static final int MOST_FIELDS = 256;

    private final DuckDb database;

    StructMaps(DuckDb database) {
        this.database = database;
    }

    /** The rows of a table of the database, with structs in place of maps. */
    String rows(String table) throws SQLException {
        StringBuilder replaced = new StringBuilder();
        for (String name : database.texts(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = '%s' AND data_type LIKE 'MAP(%%)'"
                        .formatted(table))) {
            List<String> keys =
                    database.texts("SELECT DISTINCT unnest(map_keys(\"%s\")) AS key FROM %s ORDER BY key LIMIT %d"
                            .formatted(name, table, MOST_FIELDS + 1));
            if (!keys.isEmpty() && keys.size() <= MOST_FIELDS && distinct(keys)) {
                replaced.append(replaced.isEmpty() ? "" : ", ").append(struct(name, keys));
            }
        }
        return "SELECT * %s FROM %s".formatted(replaced.isEmpty() ? "" : "REPLACE (" + replaced + ")", table);
    }

    /** The database does not tell fields apart by case. */
    private static boolean distinct(List<String> keys) {
        return keys.stream().map(key -> key.toLowerCase(Locale.ROOT)).distinct().count() == keys.size();
    }

    private static String struct(String column, List<String> keys) {
        return keys.stream()
                .map(key ->
                        "\"%s\" := \"%s\"['%s']".formatted(key.replace("\"", "\"\""), column, key.replace("'", "''")))
                .collect(Collectors.joining(", ", "struct_pack(", ") AS \"" + column + "\""));
    }
}
