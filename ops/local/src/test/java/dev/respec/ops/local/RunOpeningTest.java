package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.local.LocalOptions.Start;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
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
