package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StructMapsTest {
    private final DuckDb database = DuckDb.open();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void shouldMakeAFieldOfEveryKeyThatOccurs() throws SQLException {
        assertThat(json("MAP {'b': 1, 'a\"x''y': 2}, MAP {'b': 3}"))
                .containsExactly("{\"a\\\"x'y\":2,\"b\":1}", "{\"a\\\"x'y\":null,\"b\":3}");
    }

    @Test
    void shouldLeaveAMapThatHasNoKeyOrTooManyOrKeysThatDifferInCaseOnly() throws SQLException {
        assertThat(type("MAP([]::VARCHAR[], []::INTEGER[])")).isEqualTo("MAP(VARCHAR, INTEGER)");
        assertThat(type("MAP {'a': 1}, MAP {'A': 2}")).isEqualTo("MAP(VARCHAR, INTEGER)");
        assertThat(type("map_from_entries([{k: x::VARCHAR, v: x} for x in range(300)])"))
                .isEqualTo("MAP(VARCHAR, BIGINT)");
    }

    @Test
    void shouldLeaveEverythingElse() throws SQLException {
        database.execute("CREATE TABLE t AS SELECT 1 AS one, [MAP {'a': 1}] AS list");
        assertThat(database.texts("SELECT list::VARCHAR FROM (%s)".formatted(new StructMaps(database).rows("t"))))
                .containsExactly("[{a=1}]");
    }

    private List<String> json(String maps) throws SQLException {
        create(maps);
        return database.texts("SELECT to_json(m)::VARCHAR FROM (%s)".formatted(new StructMaps(database).rows("t")));
    }

    private String type(String maps) throws SQLException {
        create(maps);
        return database.texts("SELECT DISTINCT typeof(m) FROM (%s)".formatted(new StructMaps(database).rows("t")))
                .get(0);
    }

    private void create(String maps) {
        database.execute("CREATE OR REPLACE TABLE t AS SELECT unnest([%s]) AS m".formatted(maps));
    }
}
