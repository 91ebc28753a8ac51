package dev.respec.ops.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunAccessTest {
    @TempDir
    Path root;

    private DataFolder folder;
    private RunAccess access;

    /** What a run leaves that was stopped: its file says RUNNING. */
    @BeforeEach
    void leaveAStoppedRun() {
        folder = new DataFolder(root);
        RunFile.begin("run", 1, 4, Instant.EPOCH).write(folder.runFile());
        access = new RunAccess(
                RespecConfig.defaults().withOverrides(List.of("run.data-dir=" + root)),
                new Installation(root.resolve("installation")));
    }

    @Test
    void shouldNotTakeAReaderForTheRun() {
        assertThat(access.isGoingOn()).isFalse();
        try (FolderLock reader = FolderLock.tryAcquireToRead(folder).orElseThrow()) {
            assertThat(reader).isNotNull();
            assertThat(access.isGoingOn()).isFalse();
        }
        try (FolderLock run = FolderLock.tryAcquire(folder).orElseThrow()) {
            assertThat(run).isNotNull();
            assertThat(access.isGoingOn()).isTrue();
        }
    }

    @Test
    void shouldWaitForAnotherReaderOfAStoppedRun() throws Exception {
        CompletableFuture<Exception> ended = new CompletableFuture<>();
        Thread second = new Thread(() -> {
            try {
                access.read(run -> run.runId());
            } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
            }
        });
        try (FolderLock first = FolderLock.tryAcquireToRead(folder).orElseThrow()) {
            assertThat(first).isNotNull();
            second.start();
            assertThatThrownBy(() -> ended.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            second.interrupt();
            assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        }
    }
}
