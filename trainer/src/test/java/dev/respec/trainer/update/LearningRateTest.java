package dev.respec.trainer.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void shouldWarmUpLinearlyAndStay() {
        var rate = new LearningRate(1e-3, 4, 100, LearningRate.Shape.CONSTANT, 0);

        assertThat(rate.at(1)).isCloseTo(2.5e-4, within(1e-12));
        assertThat(rate.at(4)).isCloseTo(1e-3, within(1e-12));
        assertThat(rate.at(1_000)).isCloseTo(1e-3, within(1e-12));
    }

    @Test
    void shouldFallLinearlyToAShareOfThePeakAtTheLastStep() {
        var rate = new LearningRate(1, 0, 10, LearningRate.Shape.LINEAR, 0);

        assertThat(rate.at(1)).isCloseTo(1, within(1e-12));
        assertThat(rate.at(6)).isCloseTo(0.5, within(1e-12));
        assertThat(rate.at(10)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(99)).isZero();
    }

    @Test
    void shouldFallAlongACosineToItsFloor() {
        var rate = new LearningRate(1, 0, 100, LearningRate.Shape.COSINE, 0.03);

        assertThat(rate.at(51)).isCloseTo(0.03 + 0.97 * 0.5, within(1e-12));
        assertThat(rate.at(101)).isCloseTo(0.03, within(1e-12));
    }

    @Test
    void shouldStayConstantWithoutAnEnd() {
        assertThat(new LearningRate(1, 0, 0, LearningRate.Shape.LINEAR, 0).at(12_345))
                .isEqualTo(1);
    }
}
