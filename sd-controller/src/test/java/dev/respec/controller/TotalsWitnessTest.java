package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;

class TotalsWitnessTest {
    private static final Setting EAGLE = Setting.chain("eagle3", 4);
    private static final Setting SUFFIX = Setting.chain("suffix", 4);

    private final TotalsWitness totals = new TotalsWitness();

    @Test
    void shouldCompareWithTheSettingThatRanLongest() {
        totals.add(3, Setting.OFF, 4000, 4000, 0);
        totals.add(3, EAGLE, 2000, 1000, 0);

        assertThat(totals.take(3, 1, 0)).singleElement().satisfies(observation -> {
            assertThat(observation.bucket()).isEqualTo(3);
            assertThat(observation.setting()).isEqualTo(Setting.OFF);
            assertThat(observation.rival()).isEqualTo(EAGLE);
            assertThat(observation.logRatio()).isCloseTo(Math.log(2), within(1e-12));
            // 0.25² (√(1/4) + √(1/2)) + 0.2²
            assertThat(observation.variance()).isCloseTo(0.0625 * (0.5 + Math.sqrt(0.5)) + 0.04, within(1e-12));
        });
        assertThat(totals.take(3, 1, 6000)).as("each step tells something once").isEmpty();
    }

    @Test
    void shouldNotCountWhatPairsCompared() {
        var machine = new Machine(0.2);
        var pairs = Statistics.exactPairs(machine, Setting.OFF, EAGLE, 4, 40);
        double off = machine.milliseconds(Setting.OFF, 4);
        double eagle = machine.milliseconds(EAGLE, 4);
        totals.add(2, Setting.OFF, 500 * off, 500 * off, 0);
        totals.add(2, EAGLE, 160 * eagle, 160 * eagle, 0);

        totals.subtract(2, pairs, off, eagle, 0);

        assertThat(totals.take(2, 1, 0)).isEmpty();
    }

    @Test
    void shouldLetOldStepsFade() {
        totals.add(0, Setting.OFF, 4000, 4000, 0);
        totals.add(0, EAGLE, 1000, 1000, 60_000);
        totals.add(0, SUFFIX, 100, 100, 60_000);

        assertThat(totals.take(0, 1, 60_000)).isEmpty();
    }
}
