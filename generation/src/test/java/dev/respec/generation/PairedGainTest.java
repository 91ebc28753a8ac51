package dev.respec.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairedGainTest {
    @Test
    void shouldCancelWhatBothTurnsOfAPairHaveInCommon() {
        var gain = PairedGain.of(List.of(200.0, 100.0, 50.0), List.of(100.0, 50.0, 25.0));

        assertThat(gain.ratio()).isCloseTo(2, within(1e-9));
        assertThat(gain.error()).isCloseTo(0, within(1e-6));
    }

    /** ln 2 and ln 8: mean ln 4, deviation ln 2 · √2, Student's t for one degree of freedom 12.706. */
    @Test
    void shouldTellTheIntervalOfTheMean() {
        var gain = PairedGain.of(List.of(2.0, 8.0), List.of(1.0, 1.0));

        assertThat(gain.ratio()).isCloseTo(4, within(1e-9));
        assertThat(gain.error()).isCloseTo(4 * 12.706 * Math.log(2), within(1e-6));
    }

    @Test
    void shouldNotPretendToKnowFromOnePair() {
        assertThat(PairedGain.of(List.of(3.0), List.of(2.0)).error()).isInfinite();
    }
}
