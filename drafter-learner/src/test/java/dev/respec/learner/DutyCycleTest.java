package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DutyCycleTest {
    private static final long SECOND = 1_000_000_000L;

    private final DutyCycle duty = new DutyCycle(Duration.ofSeconds(10), 0.25);

    @Test
    void shouldKeepRoundsAnIntervalApart() {
        assertThat(duty.mayStart(-5 * SECOND)).isTrue();
        duty.finished(0, SECOND);
        assertThat(duty.mayStart(10 * SECOND - 1)).isFalse();
        assertThat(duty.mayStart(10 * SECOND)).isTrue();
    }

    @Test
    void shouldPauseAfterALongRoundUntilItsShareIsKept() {
        duty.finished(0, 5 * SECOND);
        assertThat(duty.mayStart(20 * SECOND - 1)).isFalse();
        assertThat(duty.mayStart(20 * SECOND)).isTrue();
    }

    @Test
    void shouldGiveARoundItsShareOfTheInterval() {
        assertThat(duty.budget()).isEqualTo(Duration.ofMillis(2500));
    }
}
