package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.Runs;
import dev.respec.ops.console.Console;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TableCacheIT {
    private static final TransferProgress QUIET = new TransferProgress(
            new Console(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private static int written;

    @TempDir
    Path folder;

    @BeforeEach
    void writeOne() {
        write(1);
    }

    @Test
    void shouldReadOnlyWhatWasWrittenSince() throws Exception {
        // Given
        List<Path> first = refresh("a");
        int before = written;
        write(3);

        // When
        List<Path> second = refresh("b");

        // Then
        assertThat(second).hasSize(2).startsWith(first.get(0));
        assertThat(steps(first)).containsExactlyElementsOf(numbers(1, before));
        assertThat(steps(List.of(second.get(1)))).containsExactlyElementsOf(numbers(before + 1, written));
        assertThat(steps(second)).containsExactlyElementsOf(numbers(1, written));
        assertThat(refresh("c")).isEqualTo(second);
    }

    @Test
    void shouldServeATopicWithUnchangedFilesWithoutACluster() {
        List<Path> files = refresh("state");

        try (DuckDb database = DuckDb.open();
                TableCache cache = TableCache.open(folder, Runs.RUN, database)) {
            assertThat(cache.current(QueryTable.STEPS, "state")).contains(files);
            assertThat(cache.current(QueryTable.STEPS, "another")).isEmpty();
            assertThat(cache.current(QueryTable.STEPS, "")).isEmpty();
            assertThat(cache.current(QueryTable.SCORES, "state")).isEmpty();
        }
        try (DuckDb database = DuckDb.open();
                TableCache cache = TableCache.open(folder, "another run", database)) {
            assertThat(cache.current(QueryTable.STEPS, "state")).isEmpty();
        }
    }

    @Test
    void shouldJoinPartsBeforeTheyAreMany() throws Exception {
        for (int i = 0; i < 40; i++) {
            write(1);
            assertThat(refresh("")).hasSizeLessThanOrEqualTo(16);
        }

        List<Path> files = refresh("");
        assertThat(steps(files)).containsExactlyElementsOf(numbers(1, written));
        try (var found = Files.list(folder)) {
            assertThat(found.filter(file -> file.toString().endsWith(".parquet")))
                    .hasSameSizeAs(files);
        }
    }

    @Test
    void shouldReadAgainWhatIsDamagedOrMissing() throws Exception {
        refresh("state");
        Files.writeString(folder.resolve("steps.json"), "{");
        assertThat(steps(refresh("state"))).containsExactlyElementsOf(numbers(1, written));

        Files.delete(refresh("state").get(0));
        assertThat(steps(refresh("state"))).containsExactlyElementsOf(numbers(1, written));
    }

    @Test
    void shouldSeeWhenAPartitionGrew() throws IOException {
        Path partition = Files.createDirectories(folder.resolve("rollouts-0"));
        Files.createDirectories(folder.resolve("rollouts-0-other-1"));
        Files.writeString(partition.resolve("00000000000000000000.log"), "12345");
        Files.writeString(partition.resolve("00000000000000000000.index"), "1");

        assertThat(LogFiles.state(folder, "rollouts")).isEqualTo("rollouts-0 00000000000000000000.log=5");
        assertThat(LogFiles.state(folder.resolve("none"), "rollouts")).isEmpty();
        assertThat(LogFiles.state(folder, "steps")).isEmpty();
    }

    private List<Path> refresh(String state) {
        try (DuckDb database = DuckDb.open();
                TableCache cache = TableCache.open(folder, Runs.RUN, database)) {
            return cache.refresh(QueryTable.STEPS, state, cluster.events(), QUIET);
        }
    }

    private static List<String> steps(List<Path> files) throws Exception {
        try (DuckDb database = DuckDb.open()) {
            return database.texts("SELECT step FROM " + TableCache.source(files));
        }
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    private static void write(int steps) {
        try (var producer = cluster.events().producer()) {
            for (int i = 0; i < steps; i++) {
                written++;
                var step = Runs.step(written, written, 0, 0, List.of(), List.of());
                producer.resend(
                        TopicCatalogue.TRAINING_STEPS,
                        new Event<>("", 0, 0, Runs.START.plusSeconds(written), Runs.RUN, step));
            }
            producer.flush();
        }
    }
}
