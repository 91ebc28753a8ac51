package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.topics.ClusterUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReachabilityTest {
    private final AtomicLong nanoTime = new AtomicLong();
    private final List<Duration> attempts = new ArrayList<>();

    @Test
    void shouldWaitForAClusterThatTakesLongerThanOneAttempt() throws InterruptedException {
        reachability(3).await(Duration.ofMinutes(5));

        assertThat(attempts).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    @Test
    void shouldThrowTheNewestFailureWhenThePatienceIsOver() {
        assertThatThrownBy(() -> reachability(Integer.MAX_VALUE).await(Duration.ofSeconds(25)))
                .isInstanceOf(ClusterUnreachableException.class)
                .hasMessage("attempt 3 failed");
    }

    @Test
    void shouldTryOnceIfThePatienceIsShorterThanAnAttempt() {
        assertThatThrownBy(() -> reachability(Integer.MAX_VALUE).await(Duration.ofSeconds(2)))
                .hasMessage("attempt 1 failed");
        assertThat(attempts).containsExactly(Duration.ofSeconds(2));
    }

    /** Every attempt takes as long as it may. */
    private Reachability reachability(int attemptThatSucceeds) {
        return new Reachability(
                timeout -> {
                    attempts.add(timeout);
                    nanoTime.addAndGet(timeout.toNanos());
                    if (attempts.size() < attemptThatSucceeds) {
                        throw new ClusterUnreachableException("attempt " + attempts.size() + " failed", null);
                    }
                },
                nanoTime::get);
    }
}
