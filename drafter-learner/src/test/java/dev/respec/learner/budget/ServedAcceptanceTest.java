package dev.respec.learner.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServedAcceptanceTest {
    private final ServedAcceptance average = new ServedAcceptance(10_000);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldNotDependOnTheDraftLengthInForce(int draftLength) {
        average.add(Served.statistics(Setting.chain("eagle3", draftLength), 0.7, 100_000), 1000);

        assertThat(average.length()).isCloseTo(Served.length(0.7), within(1e-3));
    }

    @Test
    void shouldWeighCountsByTheExponentOfTheirAge() {
        average.add(Served.statistics(Setting.chain("eagle3", 1), 0.8, 1000), 1000);
        average.add(Served.statistics(Setting.chain("eagle3", 1), 0.4, 1000), 11_000);

        double old = Math.exp(-1);
        double rate = (0.8 * old + 0.4) / (old + 1);
        assertThat(average.length()).isCloseTo(Served.length(rate), within(1e-9));
        assertThat(average.drafts(11_000)).isCloseTo(1000 * (old + 1), within(1e-6));
        assertThat(average.drafts(21_000)).isCloseTo(1000 * (old + 1) * old, within(1e-6));
    }

    @Test
    void shouldTakeLateCountsAsOldAsTheyAre() {
        var inOrder = new ServedAcceptance(10_000);
        inOrder.add(Served.statistics(Setting.chain("eagle3", 2), 0.8, 1000), 1000);
        inOrder.add(Served.statistics(Setting.chain("eagle3", 2), 0.4, 1000), 5000);
        average.add(Served.statistics(Setting.chain("eagle3", 2), 0.4, 1000), 5000);
        average.add(Served.statistics(Setting.chain("eagle3", 2), 0.8, 1000), 1000);

        assertThat(average.length()).isCloseTo(inOrder.length(), within(1e-12));
    }

    @Test
    void shouldBeNoNumberBeforeAnythingWasCounted() {
        assertThat(average.length()).isNaN();
        assertThat(average.drafts(1)).isZero();
    }
}
