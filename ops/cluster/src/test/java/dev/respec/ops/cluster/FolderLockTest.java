package dev.respec.ops.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    private static final int HELD = 7;
    private static final int HELD_BY_RUN = 100;

    @TempDir
    Path folder;

    @Test
    void shouldStayHeldWhenTheSameProcessAsksForItAgain() throws Exception {
        DataFolder data = new DataFolder(folder);
        try (FolderLock lock = FolderLock.tryAcquire(data).orElseThrow()) {
            assertThat(lock).isNotNull();
            assertThat(FolderLock.tryAcquire(data)).isEmpty();
            assertThat(exitCodeOfAnotherProcess()).isEqualTo(HELD + HELD_BY_RUN);
        }
        assertThat(exitCodeOfAnotherProcess()).isZero();
        FolderLock.tryAcquire(data).orElseThrow().close();
    }

    @Test
    void shouldBeFreeAgainAfterTwoCloses() {
        DataFolder data = new DataFolder(folder);
        FolderLock first = FolderLock.tryAcquire(data).orElseThrow();
        first.close();
        try (FolderLock second = FolderLock.tryAcquire(data).orElseThrow()) {
            assertThat(second).isNotNull();
            first.close();
            assertThat(FolderLock.tryAcquire(data)).isEmpty();
        }
    }

    @Test
    void shouldTellARunFromAReaderInEveryProcess() throws Exception {
        DataFolder data = new DataFolder(folder);
        assertThat(FolderLock.isHeldByRun(data)).isFalse();
        assertThat(folder).isEmptyDirectory();
        try (FolderLock reader = FolderLock.tryAcquireToRead(data).orElseThrow()) {
            assertThat(reader).isNotNull();
            assertThat(FolderLock.isHeldByRun(data)).isFalse();
            assertThat(FolderLock.tryAcquire(data)).isEmpty();
            assertThat(exitCodeOfAnotherProcess()).isEqualTo(HELD);
        }
        try (FolderLock run = FolderLock.tryAcquire(data).orElseThrow()) {
            assertThat(run).isNotNull();
            assertThat(FolderLock.isHeldByRun(data)).isTrue();
            assertThat(FolderLock.tryAcquireToRead(data)).isEmpty();
            assertThat(exitCodeOfAnotherProcess()).isEqualTo(HELD + HELD_BY_RUN);
        }
        assertThat(FolderLock.isHeldByRun(data)).isFalse();
    }

    private int exitCodeOfAnotherProcess() throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Another.class.getName(),
                        folder.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Says whether the folder that its argument names is held by a run, and tries to lock it. */
    static final class Another {
        private Another() {}

        public static void main(String[] arguments) {
            DataFolder data = new DataFolder(Path.of(arguments[0]));
            int byRun = FolderLock.isHeldByRun(data) ? HELD_BY_RUN : 0;
            boolean acquired = FolderLock.tryAcquire(data).isPresent();
            System.exit(byRun + (acquired ? 0 : HELD));
        }
    }
}
