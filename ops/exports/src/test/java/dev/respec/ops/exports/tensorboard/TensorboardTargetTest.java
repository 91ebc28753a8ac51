package dev.respec.ops.exports.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorboardTargetTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final RunFacts RUN = new RunFacts("run-1", START, new TreeMap<>());

    @TempDir
    private Path folder;

    @Test
    void shouldGoOnInTheSameFileAfterARestart() throws IOException {
        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            assertThat(target.begin(RUN)).isEmpty();
            target.write(List.of(item("policy", 1), item("policy", 2), item("drafter", 1)));
        }
        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            assertThat(target.begin(RUN)).isEqualTo(Map.of("policy", 2L, "drafter", 1L));
            target.write(List.of(item("policy", 3)));
        }

        assertThat(EventFile.read(file()))
                .extracting(EventFile.Value::tag, EventFile.Value::step)
                .containsExactly(
                        tuple("policy/loss", 1L),
                        tuple("policy/loss", 2L),
                        tuple("drafter/loss", 1L),
                        tuple("policy/loss", 3L));
    }

    @Test
    void shouldCutOffWhatWasWrittenAndNotRemembered() throws IOException {
        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            target.begin(RUN);
            target.write(List.of(item("policy", 1)));
        }
        // as a process that was killed between the file and its progress leaves it
        Files.write(file(), EventBytes.scalar("policy/loss", 2, START, 5), StandardOpenOption.APPEND);
        Files.write(file(), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);

        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            assertThat(target.begin(RUN)).isEqualTo(Map.of("policy", 1L));
            target.write(List.of(item("policy", 2)));
        }

        assertThat(EventFile.read(file())).extracting(EventFile.Value::step).containsExactly(1L, 2L);
    }

    @Test
    void shouldBeginAgainWhereTheFileIsGone() throws IOException {
        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            target.begin(RUN);
            target.write(List.of(item("policy", 1)));
        }
        Files.delete(file());

        try (TensorboardTarget target = new TensorboardTarget(folder)) {
            assertThat(target.begin(RUN)).isEmpty();
        }
    }

    @Test
    void shouldWriteResultsOnce() throws IOException {
        var outcome = new RunOutcome(new TreeMap<>(Map.of("result/pass_at_1", 0.75)), new TreeMap<>());
        for (int i = 0; i < 2; i++) {
            try (TensorboardTarget target = new TensorboardTarget(folder)) {
                target.begin(RUN);
                if (i == 0) {
                    target.write(List.of(item("policy", 4)));
                }
                target.finish(outcome);
            }
        }

        assertThat(EventFile.read(file()))
                .filteredOn(value -> value.tag().equals("result/pass_at_1"))
                .singleElement()
                .satisfies(value -> {
                    assertThat(value.step()).isEqualTo(4);
                    assertThat(value.scalar()).isEqualTo(0.75);
                });
    }

    @Test
    void shouldRefuseAFolderThatAnotherExportWrites() {
        try (TensorboardTarget first = new TensorboardTarget(folder);
                TensorboardTarget second = new TensorboardTarget(folder)) {
            first.begin(RUN);
            assertThatThrownBy(() -> second.begin(RUN))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("another export writes to " + folder.resolve("run-1"));
        }
    }

    @Test
    void shouldRefuseAFolderThatIsAFile() throws IOException {
        Path taken = Files.writeString(folder.resolve("taken"), "");

        assertThatThrownBy(() -> new TensorboardTarget(taken))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(
                        "metrics.tensorboard (--tensorboard) is " + taken + ", which cannot be written");
    }

    private static ExportItem item(String kind, long step) {
        return new ExportItem(
                kind,
                step,
                START,
                START.plusSeconds(step),
                new TreeMap<>(),
                new TreeMap<>(Map.of(kind + "/loss", 1.0 / step)),
                new TreeMap<>(),
                new TreeMap<>());
    }

    private Path file() {
        return folder.resolve("run-1").resolve("events.out.tfevents.1767225600.respec");
    }
}
