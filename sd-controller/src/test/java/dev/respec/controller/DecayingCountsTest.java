package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DecayingCountsTest {
    @Test
    void shouldFadeByTheWindow() {
        var counts = new DecayingCounts(1000);
        counts.add(5000, 8, 4);

        assertThat(counts.get(0, 5000)).isEqualTo(8);
        assertThat(counts.get(1, 6000)).isCloseTo(4 / Math.E, within(1e-12));
        assertThat(counts.get(2, 5000)).isZero();
    }

    @Test
    void shouldNotDependOnTheOrderOfWhatItCounts() {
        var inOrder = new DecayingCounts(1000);
        inOrder.add(1000, 3);
        inOrder.add(1700, 5, 1);
        inOrder.add(2500, 7);
        var shuffled = new DecayingCounts(1000);
        shuffled.add(2500, 7);
        shuffled.add(1000, 3);
        shuffled.add(1700, 5, 1);

        double expected = 3 * Math.exp(-1.5) + 5 * Math.exp(-0.8) + 7;
        assertThat(inOrder.get(0, 2500)).isCloseTo(expected, within(1e-12));
        assertThat(shuffled.get(0, 2500)).isCloseTo(expected, within(1e-12));
        assertThat(shuffled.get(1, 2500)).isCloseTo(Math.exp(-0.8), within(1e-12));
    }
}
