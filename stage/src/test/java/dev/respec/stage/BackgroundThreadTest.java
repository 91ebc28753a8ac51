package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BackgroundThreadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void shouldReturnFromCloseOnlyWhenTheWorkHasEnded() throws InterruptedException {
        var self = new AtomicReference<BackgroundThread>();
        var begun = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        var thread = new BackgroundThread("worker", PATIENCE, () -> {
            begun.countDown();
            while (Objects.requireNonNull(self.get()).isOpen()) {
                Thread.onSpinWait();
            }
            ended.set(true);
        });
        self.set(thread);
        thread.start();
        begun.await();

        thread.close();

        assertThat(ended).isTrue();
        assertThat(thread.isOpen()).isFalse();
    }

    @Test
    void shouldGiveUpWorkThatDoesNotEnd() {
        var never = new CountDownLatch(1);
        var thread = new BackgroundThread("stuck", Duration.ofMillis(50), () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();

        assertThatCode(thread::close).doesNotThrowAnyException();
        never.countDown();
    }

    @Test
    void shouldKeepAnInterruptOfItsCaller() {
        var thread = new BackgroundThread("worker", PATIENCE, () -> {});
        thread.start();
        Thread.currentThread().interrupt();

        thread.close();

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldCloseWithoutHavingStarted() {
        var thread = new BackgroundThread("idle", PATIENCE, () -> {});

        thread.close();

        assertThat(thread.isOpen()).isFalse();
    }
}
