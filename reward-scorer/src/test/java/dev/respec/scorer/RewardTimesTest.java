package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RewardTimesTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final RewardTimes times =
            new RewardTimes(metrics, Duration.ofSeconds(1), new MovableClock(Instant.parse("2026-01-01T00:00:00Z")));

    private void record(String part, int fromMilliseconds, int toMilliseconds) {
        for (int i = fromMilliseconds; i <= toMilliseconds; i++) {
            times.record(part, Duration.ofMillis(i).toNanos());
        }
    }

    @Test
    void shouldNameTheSlowestPartWithItsPercentiles() {
        record("fast", 1, 100);
        record("slow", 1001, 1100);

        var slowest = times.slowest().orElseThrow();

        assertThat(slowest.part()).isEqualTo("slow");
        assertThat(slowest.calls()).isEqualTo(100);
        // HdrHistogram keeps two digits by default, of values up to 1.1 s in steps of 8 ms
        assertThat(slowest.p50Seconds()).isCloseTo(1.050, within(0.02));
        assertThat(slowest.p95Seconds()).isCloseTo(1.095, within(0.02));
        assertThat(slowest.p99Seconds()).isCloseTo(1.099, within(0.02));
        assertThat(metrics.get("respec.scorer.reward.seconds")
                        .tag("part", "fast")
                        .timer()
                        .count())
                .isEqualTo(100);
    }

    @Test
    void shouldNotJudgeAPartByItsFirstCalls() {
        record("new", 1, (int) RewardTimes.LEAST_CALLS - 1);

        assertThat(times.slowest()).isEmpty();
    }
}
