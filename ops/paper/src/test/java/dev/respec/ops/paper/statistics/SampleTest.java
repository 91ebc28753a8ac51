package dev.respec.ops.paper.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void shouldGiveStudentsIntervalInClosedForm() {
        // Two degrees of freedom: t at (1 + c) / 2 is c · sqrt(2 / (1 − c²)); here the deviation is 1, the mean 2
        double half = 0.9 * Math.sqrt(2 / (1 - 0.81)) / Math.sqrt(3);

        Interval interval = Sample.of(1, 2, 3).interval(0.9);

        assertThat(interval.mean()).isEqualTo(2);
        assertThat(interval.low()).isCloseTo(2 - half, within(1e-9));
        assertThat(interval.high()).isCloseTo(2 + half, within(1e-9));
    }

    @Test
    void shouldCompareSamplesOfEqualSpreadWithTwiceTheDegrees() {
        // Equal variances and sizes: Welch's degrees of freedom are 2 (n − 1) = 2, one degree more than each sample has
        double standardError = Math.sqrt(2.0 / 2 + 2.0 / 2); // variance 2 each, n = 2
        double half = 0.9 * Math.sqrt(2 / (1 - 0.81)) * standardError;

        Interval difference = Sample.of(4, 6).minus(Sample.of(1, 3), 0.9);

        assertThat(difference.mean()).isEqualTo(3);
        assertThat(difference.low()).isCloseTo(3 - half, within(1e-9));
        assertThat(difference.high()).isCloseTo(3 + half, within(1e-9));
    }

    @Test
    void shouldShowEquivalenceOnlyIfTheWholeIntervalLiesWithinTheMargin() {
        // Half the width is 2.92 · deviation · sqrt(2 / 2) at n = 2 each: 0.00292 here, and 0.0292
        Sample near = Sample.of(0.9000, 0.9014142135623731);
        Sample wide = Sample.of(0.9000, 0.9141421356237310);

        assertThat(near.minus(Sample.of(0.9010, 0.9024142135623731), 0.9).within(0.02))
                .isTrue();
        assertThat(wide.minus(Sample.of(0.9010, 0.9151421356237310), 0.9).within(0.02))
                .isFalse();
    }

    @Test
    void shouldKnowNoIntervalOfASingleMeasurement() {
        Interval one = Sample.of(0.5).minus(Sample.of(0.5), 0.9);

        assertThat(one.isKnown()).isFalse();
        assertThat(one.within(1)).isFalse();
        assertThat(Sample.of(List.of(1.0, Double.NaN)).size()).isEqualTo(1);
        assertThat(Sample.of().mean()).isNaN();
    }
}
