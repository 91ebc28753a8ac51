package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingPaceTest {
    /** Three quarters of a percent of the processors' time: 15 ms a second on two of them. */
    @ParameterizedTest
    @CsvSource({
        "2, 0, 2000",
        "2, 30, 2000",
        "2, 60, 4000",
        "2, 150, 10000",
        "2, 900, 20000",
        "16, 240, 2000",
        "16, 480, 4000"
    })
    void shouldWaitLongerTheMoreAReadingTakes(int processors, long spentMilliseconds, long pauseMilliseconds) {
        assertThat(new ReadingPace(processors).after(Duration.ofMillis(spentMilliseconds)))
                .isEqualTo(Duration.ofMillis(pauseMilliseconds));
    }
}
