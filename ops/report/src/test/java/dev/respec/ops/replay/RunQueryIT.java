package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.console.Console;
import dev.respec.ops.replay.RunExport.Format;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.Summaries;
import dev.respec.ops.report.SummaryText;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.LogRange;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class RunQueryIT {
    private static final TransferProgress QUIET = new TransferProgress(
            new Console(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
    }

    @Test
    void shouldNameParquetColumnsAsQueriesDoAndGiveTimesAZone() throws SQLException {
        for (QueryTable table : QueryTable.values()) {
            // When
            Path file = folder.resolve(table.tableName() + ".parquet");
            new Replay(run(), List.of(table.topic()), LogRange.all(), null, null, null)
                    .export(file, Format.PARQUET, new TokenText(null), QUIET);

            // Then
            try (DuckDb database = DuckDb.open();
                    RunQuery query = loaded(table.tableName())) {
                String columns = "SELECT column_name FROM (DESCRIBE SELECT * FROM '" + file + "')";
                List<String> asked = query.database()
                        .texts("SELECT column_name FROM duckdb_columns() WHERE table_name = '%s' ORDER BY column_index"
                                .formatted(table.tableName()));
                assertThat(database.texts(
                                columns + " WHERE NOT regexp_matches(column_name, '" + TokenText.COLUMNS + "')"))
                        .isEqualTo(asked)
                        .allMatch(name -> name.matches("[a-z0-9_]+"))
                        .endsWith("kafka_partition", "kafka_offset", "kafka_timestamp");
                assertThat(database.texts("SELECT DISTINCT column_type FROM (DESCRIBE SELECT * FROM '" + file
                                + "') WHERE column_type LIKE 'TIMESTAMP%'"))
                        .containsExactly("TIMESTAMP WITH TIME ZONE");
            }
        }
    }

    @Test
    void shouldAnswerNamedQueries() {
        assertThat(ask("rewards")).hasSize(3);
        assertThat(ask("rewards").get(2)).startsWith("   2       0.5000");
        assertThat(ask("reward-parts").get(2).trim().split(" +")).containsExactly("2", "exact", "1");
        assertThat(ask("worst-prompts").get(1)).startsWith("p0");
        assertThat(ask("longest").get(1)).startsWith("run-1/3/1");
        // step s trains on requests 2s-2 and 2s-1, written by version s-1: nothing is stale
        assertThat(ask("staleness").subList(1, 3))
                .containsExactly("   1         4     0     0", "   2         4     0     0");
        assertThat(ask("dropped").get(1)).contains("run-1/9", "stale");
        for (String name : SqlText.QUERIES) {
            assertThat(ask(name)).as(name).isNotEmpty();
        }
    }

    /** Two steps of 20 s; an interval's idle time counts once, and only if the run trained then. */
    @Test
    void shouldGiveTheShareOfTimeInWhichWorkersWereIdleWhileRequestsWaited() {
        assertThat(ask("idle-workers").subList(1, 3))
                .satisfiesExactly(
                        shared -> assertThat(shared.trim().split(" +"))
                                .startsWith("shared")
                                .endsWith("0.0150"),
                        own -> assertThat(own.trim().split(" +"))
                                .startsWith("w")
                                .endsWith("0.0500"));

        RunRecords records = new RunReader(cluster.events(), RecordedRun.RUN).read();
        assertThat(records.acceptance())
                .extracting(AcceptanceStats::getWorkerId)
                .containsExactlyInAnyOrder("w", "w", "shared");
        RunSummary summary = new Summaries(records, RunAudit.auditSoFar(records, 2))
                .summarise(new Summaries.Measured(1, 40, 40, null, null, null, null, true));
        assertThat(summary.timeShare().idleWithRequestsWaitingByWorker())
                .containsExactly(Map.entry("shared", 0.6 / 40), Map.entry("w", 2.0 / 40));
        assertThat(SummaryText.of(summary))
                .anyMatch(line -> line.contains("while requests waited: 1.5 % of shared, 5.0 % of w"));
    }

    @Test
    void shouldAnswerSqlAsCsvAndJson() throws IOException {
        String sql = "SELECT request_id, max(reward) AS best FROM scores GROUP BY 1 ORDER BY 1;";
        try (RunQuery query = loaded(sql)) {
            var csv = new ByteArrayOutputStream();
            query.csv(csv);
            assertThat(csv.toString(StandardCharsets.UTF_8))
                    .isEqualTo("request_id,best\nrun-1/0,0.0\nrun-1/1,1.0\nrun-1/2,2.0\nrun-1/3,3.0\n");
            var json = new ByteArrayOutputStream();
            query.json(json);
            JsonNode array = new ObjectMapper().readTree(json.toByteArray());
            assertThat(array).hasSize(4);
            assertThat(array.get(3).get("best").asDouble()).isEqualTo(3);
        }
    }

    @Test
    void shouldSayInOneLineWhatIsWrongAndWhatThereIs() {
        assertThatThrownBy(() -> ask("SELECT reword FROM scores"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("query: Binder Error: Referenced column \"reword\" not found")
                .hasMessageContaining("scores(rollout_id, request_id")
                .hasMessageContaining("tables: requests, rollouts, scores(rollout_id")
                .message()
                .hasLineCount(1);
        assertThatThrownBy(() -> ask("SELEC 1 FROM steps"))
                .message()
                .contains("Parser Error")
                .hasLineCount(1);
        assertThatThrownBy(() -> ask("SELECT 1 FROM nothing"))
                .message()
                .contains("nothing")
                .hasLineCount(1);
        assertThatThrownBy(() -> ask("longset"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "there is no query or table 'longset': give SQL, one of the queries worst-prompts, ")
                .hasMessageContaining("or one of the tables requests, rollouts");
    }

    @Test
    void shouldListQueriesAndTablesWithColumns() {
        assertThat(RunQuery.catalogue())
                .anyMatch(line -> line.startsWith("  staleness "))
                .anyMatch(line -> line.strip().startsWith("rollout_id, request_id, sample_index, prompt_id"));
    }

    @Test
    void shouldTakeATableByItsNameOrItsTopics() {
        assertThat(ask("steps").get(0)).startsWith("role    step  version  requests");
        assertThat(ask("steps").get(1)).contains("2026-01-01 00:00:20Z");
        assertThat(ask("training-steps")).isEqualTo(ask("steps"));
        assertThat(ask("weight-updates")).hasSize(1);
    }

    private List<String> ask(String text) {
        try (RunQuery query = loaded(text)) {
            return query.table(100);
        }
    }

    private RunQuery loaded(String text) {
        RunQuery query = RunQuery.of(text);
        try (RunTables tables = new RunTables(query, QUIET)) {
            tables.read(run(), query.tables(), folder.resolve("queries"), folder.resolve("no-broker"));
            return query;
        } catch (RuntimeException e) {
            query.close();
            throw e;
        }
    }

    private static OpenRun run() {
        return new OpenRun(
                RecordedRun.RUN, cluster.events(), RespecConfig.defaults().withOverrides(cluster.configSettings()));
    }
}
