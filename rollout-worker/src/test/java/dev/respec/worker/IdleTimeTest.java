package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IdleTimeTest {
    private final IdleTime idle = new IdleTime();

    @Test
    void shouldCountFromWhenBothTheWorkerWasIdleAndTheRequestWaited() {
        idle.idle(at(10));
        idle.idle(at(11));
        assertThat(idle.taken(at(12), at(15))).isEqualTo(Duration.ofSeconds(3));

        idle.idle(at(20));
        assertThat(idle.taken(at(5), at(22))).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void shouldCountNothingForABusyWorkerOrAClockThatIsBehind() {
        assertThat(idle.taken(at(1), at(9))).isZero();

        idle.idle(at(10));
        assertThat(idle.taken(at(12), at(11))).isZero();
        assertThat(idle.drain()).isZero();
    }

    @Test
    void shouldReportEachSecondOnce() {
        idle.idle(at(0));
        idle.taken(at(0), at(2));
        idle.idle(at(5));
        idle.taken(at(5), at(6));

        assertThat(idle.drain()).isEqualTo(Duration.ofSeconds(3));
        assertThat(idle.drain()).isZero();
    }

    private static Instant at(int seconds) {
        return Instant.ofEpochSecond(seconds);
    }
}
