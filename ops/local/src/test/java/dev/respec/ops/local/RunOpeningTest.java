package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.local.LocalOptions.Start;
import dev.respec.ops.report.RunSummary;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunOpeningTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);

    @TempDir
    private Path root;

    @Test
    void shouldBeginARunUnderAnIdOfItsTime() {
        RunFile run = open(Start.CONTINUE, false, "run.steps=7", "run.seed=3");

        assertThat(run.runId()).isEqualTo("run-20260203-040506");
        assertThat(run.steps()).isEqualTo(7);
        assertThat(run.seed()).isEqualTo(3);
        assertThat(RunFile.read(folder().runFile())).contains(run);
    }

    @Test
    void shouldContinueAnUnfinishedRunUnderItsIdAndWithItsSteps() {
        RunFile begun = open(Start.CONTINUE, false, "run.steps=7");

        RunFile continued = open(Start.CONTINUE, false, "run.steps=80");

        assertThat(continued.runId()).isEqualTo(begun.runId());
        assertThat(continued.steps()).isEqualTo(7);
    }

    @Test
    void shouldSayThatARunIsFinishedAndHowToStartAnew() {
        finish(open(Start.CONTINUE, false, "run.steps=7"));

        assertThatThrownBy(() -> open(Start.CONTINUE, false))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("finished after 7 steps")
                .hasMessageContaining("--fresh");
    }

    @Test
    void shouldContinueAFinishedRunWithMoreSteps() {
        finish(open(Start.CONTINUE, false, "run.steps=7"));

        assertThat(open(Start.CONTINUE, true, "run.steps=9").steps()).isEqualTo(9);
    }

    @Test
    void shouldSayAtWhichStepARunEndedEarlyAndHowItGoesOn() throws IOException {
        finish(open(Start.CONTINUE, true, "run.steps=30"));
        endEarly(13, 2);

        for (String[] settings : List.of(
                new String[] {"run.steps=30", "evaluation.patience=2"}, // the same command
                new String[] {"run.steps=13", "evaluation.patience=0"},
                new String[] {"run.steps=40", "evaluation.patience=1"})) {
            assertThatThrownBy(() -> open(Start.CONTINUE, true, settings))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("ended early, after step 13 of 30: it has not risen")
                    .hasMessageContaining("--steps above 13 and evaluation.patience above 2");
        }
        assertThatThrownBy(() -> open(Start.CONTINUE, false)).isInstanceOf(BadInputException.class);

        assertThat(open(Start.CONTINUE, true, "run.steps=14", "evaluation.patience=3")
                        .steps())
                .isEqualTo(14);
        finish(RunFile.read(folder().runFile()).orElseThrow());
        assertThat(open(Start.CONTINUE, true, "run.steps=40", "evaluation.patience=0")
                        .steps())
                .isEqualTo(40);
    }

    private void endEarly(long step, int patience) throws IOException {
        RunSummary.BestCheckpoint best =
                new RunSummary.BestCheckpoint(4, 4, "sums sampled pass@1", 0.5, 4, "it has not risen");
        new ObjectMapper()
                .writeValue(
                        folder().summary().toFile(),
                        new RunSummary(
                                "run",
                                1,
                                step,
                                9,
                                8,
                                null,
                                null,
                                new RunSummary.Groups(1, 1, 0, 0, 0),
                                new RunSummary.Rollouts(8, 8, 0, 0, 8, 9),
                                new RunSummary.Staleness(0, 2),
                                new RunSummary.AcceptanceLength(1, 1, 1),
                                null,
                                null,
                                new RunSummary.TimeShare(0.5, 0.5, 0, null),
                                new RunSummary.Versions(step, 0),
                                new RunSummary.Audit(true, List.of(), Map.of(), 0, false),
                                List.of(),
                                null,
                                best));
        RespecConfig config =
                RespecConfig.defaults().withOverrides(List.of("evaluation.every=4", "evaluation.patience=" + patience));
        Files.writeString(folder().configuration(), config.toYamlWithSecrets());
    }

    @Test
    void shouldRefuseAnotherSeed() {
        open(Start.CONTINUE, false, "run.seed=3");

        assertThatThrownBy(() -> open(Start.CONTINUE, false, "run.seed=4"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("seed 3, not 4");
    }

    @Test
    void shouldDeleteItsOwnFilesOnlyWhenStartingAnew() throws IOException {
        finish(open(Start.CONTINUE, false));
        Files.writeString(root.resolve("mine.txt"), "kept");
        Files.writeString(folder().kafka().resolve("segment"), "deleted");

        open(Start.FRESH, false);

        assertThat(root.resolve("mine.txt")).exists();
        assertThat(folder().kafka()).isEmptyDirectory();
    }

    @Test
    void shouldNameARunFileThatCannotBeRead() throws IOException {
        Files.createDirectories(root);
        Files.writeString(folder().runFile(), "{\"runId\": 7");

        assertThatThrownBy(() -> open(Start.CONTINUE, false))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("run.json")
                .hasMessageContaining("--fresh");
    }

    @Test
    void shouldLetOneRunUseAFolderAtATime() {
        try (FolderLock first = FolderLock.tryAcquire(folder()).orElseThrow()) {
            assertThat(first).isNotNull();
            assertThat(FolderLock.tryAcquire(folder())).isEmpty();
        }
        FolderLock second = FolderLock.tryAcquire(folder()).orElseThrow();
        second.close();
    }

    private DataFolder folder() {
        return new DataFolder(root);
    }

    private RunFile open(Start start, boolean stepsGiven, String... settings) {
        RespecConfig config = RespecConfig.defaults().withOverrides(List.of(settings));
        return RunOpening.open(folder(), config, new LocalOptions(start, stepsGiven, null), CLOCK);
    }

    private void finish(RunFile run) {
        run.after(10, RunFile.Status.FINISHED).write(folder().runFile());
    }
}
