package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.console.Console;
import dev.respec.ops.replay.RunExport.Format;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ReplayIT {
    private static final TransferProgress QUIET = new TransferProgress(
            new Console(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));
    private static final TokenText NO_TEXT = new TokenText(null);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
    }

    @Test
    void shouldExportARunsRolloutsAsJsonLinesWithUnpackedTokens() throws IOException {
        // When
        Path file = folder.resolve("rollouts.jsonl");
        replay(TopicCatalogue.ROLLOUTS, null, null, null).export(file, Format.JSONL, NO_TEXT, QUIET);

        // Then
        List<JsonNode> lines = lines(file);
        assertThat(lines).hasSize(8);
        JsonNode first = lines.get(0);
        assertThat(first.get("kafka_timestamp").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(first.get("kafka_key").asText()).isEqualTo("run-1/0");
        assertThat(first.get("prompt_tokens").toString()).isEqualTo("[5,6,7]");
        assertThat(first.get("prompt_text").isNull()).isTrue();
        assertThat(first.get("metadata").get("k").asText()).isEqualTo("v");
        assertThat(first.get("policy_spans").toString())
                .isEqualTo("[{\"policy_version\":0,\"first_token\":0,\"token_count\":1}]");
        assertThat(lines.get(7).get("response_tokens").toString()).isEqualTo("[100,101,102,103,104]");
        assertThat(lines.get(7).get("log_probabilities").toString()).isEqualTo("[0.0,-0.5,-1.0,-1.5,-2.0]");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void shouldExportParquetThatDuckDbReadsWithTypes() throws SQLException {
        // When
        Path file = folder.resolve("scored.parquet");
        replay(TopicCatalogue.SCORED_ROLLOUTS, null, null, null).export(file, Format.PARQUET, NO_TEXT, QUIET);

        // Then
        try (DuckDb database = DuckDb.open()) {
            var rows = database.query("SELECT request_id, reward, reward_parts.exact, len(response_tokens), response,"
                    + " isnan(advantage), epoch(kafka_timestamp)::BIGINT FROM '" + file
                    + "' ORDER BY kafka_timestamp DESC LIMIT 1");
            assertThat(rows.rows())
                    .containsExactly(List.of(
                            "run-1/3",
                            "3",
                            "3",
                            "5",
                            "line\\nand \"quotes\"",
                            "true",
                            Long.toString(RecordedRun.START.plusSeconds(32).getEpochSecond())));
        }
    }

    @Test
    void shouldExportMapsAsStructs() throws SQLException {
        Path file = folder.resolve("steps.parquet");
        replay(TopicCatalogue.TRAINING_STEPS, null, null, null).export(file, Format.PARQUET, NO_TEXT, QUIET);
        try (DuckDb database = DuckDb.open()) {
            assertThat(database.texts("SELECT metrics.reward_mean FROM '" + file + "' ORDER BY step"))
                    .containsExactly("0.25", "0.5");
            assertThat(database.texts("SELECT typeof(metrics) FROM '" + file + "' LIMIT 1"))
                    .containsExactly("STRUCT(reward_mean DOUBLE, \"reward_part.exact\" DOUBLE)");
        }
    }

    @Test
    void shouldExportEmptyTopicsToo() throws SQLException {
        Path file = folder.resolve("dead.parquet");
        replay(TopicCatalogue.DEAD_LETTERS, null, null, null).export(file, Format.PARQUET, NO_TEXT, QUIET);
        try (DuckDb database = DuckDb.open()) {
            assertThat(database.query("SELECT count(*) FROM '" + file + "'").rows())
                    .containsExactly(List.of("0"));
        }
    }

    @Test
    void shouldChooseByVersionRequestAndStep() throws IOException {
        assertThat(chosen(new NumberSpan(1, 1), null, null)).containsExactly("2/0", "2/1", "3/0", "3/1");
        assertThat(chosen(null, Set.of("run-1/1"), null)).containsExactly("1/0", "1/1");
        assertThat(chosen(null, null, new NumberSpan(2, 9))).containsExactly("2/0", "2/1", "3/0", "3/1");
        assertThat(chosen(new NumberSpan(1, 1), Set.of("run-1/1"), null)).isEmpty();
        assertThatThrownBy(() -> chosen(null, null, new NumberSpan(3, 4)))
                .isInstanceOf(BadInputException.class)
                .hasMessage("--step: the run has no such step, its last is 2");
    }

    @Test
    void shouldSendARunToAnotherInstallationWithKeysTimesAndOrder() throws InterruptedException {
        // Given
        List<Topic<?>> topics = TopicCatalogue.all();
        RespecConfig target = config().withOverrides(List.of("kafka.topic-prefix=copy-"));

        // When
        new Replay(run(), topics, LogRange.all(), null, null, null).send(target, null, ReplaySpeed.parse("max"), QUIET);

        // Then
        try (EventLog copy = new EventLog(target.cluster(), "test")) {
            var copied = copy.readAll(TopicCatalogue.ROLLOUTS);
            var own = cluster.events().readAll(TopicCatalogue.ROLLOUTS).stream()
                    .filter(event -> event.requireValue().getRunId().equals(RecordedRun.RUN))
                    .toList();
            assertThat(copied)
                    .extracting(Event::value)
                    .containsExactlyElementsOf(own.stream().map(Event::value).toList());
            assertThat(copied)
                    .extracting(Event::key)
                    .containsExactlyElementsOf(own.stream().map(Event::key).toList());
            assertThat(copied)
                    .extracting(Event::timestamp)
                    .containsExactlyElementsOf(
                            own.stream().map(Event::timestamp).toList());
            assertThat(copy.readAll(TopicCatalogue.TRAINING_STEPS)).hasSize(2);
        }
    }

    @Test
    void shouldRefuseToSendATopicToItself() {
        assertThatThrownBy(() -> replay(TopicCatalogue.ROLLOUTS, null, null, null)
                        .send(config(), null, ReplaySpeed.parse("max"), QUIET))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("-rollouts would be sent to itself: give another --to-topic");
    }

    private List<String> chosen(
            @Nullable NumberSpan versions, @Nullable Set<String> requests, @Nullable NumberSpan steps)
            throws IOException {
        Path file = folder.resolve("chosen.jsonl");
        replay(TopicCatalogue.ROLLOUTS, versions, requests, steps).export(file, Format.JSONL, NO_TEXT, QUIET);
        return lines(file).stream()
                .map(line -> line.get("rollout_id").asText().substring(RecordedRun.RUN.length() + 1))
                .toList();
    }

    private static Replay replay(
            Topic<?> topic, @Nullable NumberSpan versions, @Nullable Set<String> requests, @Nullable NumberSpan steps) {
        return new Replay(run(), List.of(topic), LogRange.all(), versions, requests, steps);
    }

    private static OpenRun run() {
        return new OpenRun(RecordedRun.RUN, cluster.events(), config());
    }

    private static RespecConfig config() {
        return RespecConfig.defaults().withOverrides(cluster.configSettings());
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}
