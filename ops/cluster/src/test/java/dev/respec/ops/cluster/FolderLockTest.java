package dev.respec.ops.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    private static final int HELD = 7;

    @TempDir
    Path folder;

    @Test
    void shouldStayHeldWhenTheSameProcessAsksForItAgain() throws Exception {
        DataFolder data = new DataFolder(folder);
        try (FolderLock lock = FolderLock.tryAcquire(data).orElseThrow()) {
            assertThat(lock).isNotNull();
            assertThat(FolderLock.tryAcquire(data)).isEmpty();
            assertThat(exitCodeOfAnotherProcess()).isEqualTo(HELD);
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

    /** Tries to lock the folder that its argument names. */
    static final class Another {
        private Another() {}

        public static void main(String[] arguments) {
            boolean acquired =
                    FolderLock.tryAcquire(new DataFolder(Path.of(arguments[0]))).isPresent();
            System.exit(acquired ? 0 : HELD);
        }
    }
}
