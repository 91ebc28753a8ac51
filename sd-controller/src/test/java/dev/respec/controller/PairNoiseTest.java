package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;

class PairNoiseTest {
    private static final PairNoise.Comparison COMPARISON =
            new PairNoise.Comparison(0, Setting.OFF, Setting.chain("eagle3", 4));

    private final PairNoise noise = new PairNoise(300_000);

    @Test
    void shouldNotBelieveAFewPairsThatHappenToAgree() {
        noise.add(0, COMPARISON, 2, 0.7, 0);
        noise.add(0, COMPARISON, 2, 0.7, 0);

        // six pairs of 0.45 are believed beforehand; one moment was compared with the one before
        assertThat(noise.variance(0)).isCloseTo(6 * 0.45 * 0.45 / 7, within(1e-12));
    }

    @Test
    void shouldLearnTheNoiseOfAQuietMachine() {
        for (int i = 0; i < 200; i++) {
            noise.add(0, COMPARISON, 4, 0.7 + (i % 2 == 0 ? 0.05 : -0.05), 3 * 0.01);
        }

        assertThat(noise.variance(0)).isCloseTo(0.01, within(0.01));
        assertThat(noise.share(0)).isLessThan(0.1);
    }

    /** Pairs of one moment agree, moments lie 0.8 apart: a moment of four pairs has the error that its neighbours show. */
    @Test
    void shouldCountWhatMomentsLieApart() {
        for (int i = 0; i < 200; i++) {
            noise.add(0, COMPARISON, 4, i % 2 == 0 ? 0.4 : -0.4, 0);
        }

        assertThat(noise.variance(0) / 4).isCloseTo(0.16, within(0.02));
    }
}
