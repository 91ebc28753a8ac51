package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingPaceTest {
    /** Half a percent of the processors' time: 10 ms a second on two of them. */
    @ParameterizedTest
    @CsvSource({"2, 0, 2000", "2, 20, 2000", "2, 50, 5000", "2, 150, 15000", "2, 900, 20000", "16, 160, 2000", "16, 400, 5000"})
    void shouldWaitLongerTheMoreAReadingTakes(int processors, long spentMilliseconds, long pauseMilliseconds) {
        assertThat(new ReadingPace(processors).after(Duration.ofMillis(spentMilliseconds)))
                .isEqualTo(Duration.ofMillis(pauseMilliseconds));
    }
}
