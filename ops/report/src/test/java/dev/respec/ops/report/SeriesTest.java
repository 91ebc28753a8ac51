package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.report.Series.Style;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesTest {
    @Test
    void shouldAverageOverACentredWindow() {
        Series smoothed = series(1, 2, 6, 2, 1).smoothed("mean", 3);

        assertThat(values(smoothed)).containsExactly(1.5, 3, 10 / 3.0, 3, 1.5);
    }

    @Test
    void shouldPassOverGaps() {
        Series smoothed = series(1, Double.NaN, 3).smoothed("mean", 3);

        assertThat(smoothed.size()).isEqualTo(2);
        assertThat(positions(smoothed)).containsExactly(0, 2);
        assertThat(values(smoothed)).containsExactly(2, 2);
    }

    @Test
    void shouldBreakWhereNothingWasMeasuredForLong() {
        // A value per minute, then eight minutes without any.
        double[] minutes = {0, 1, 2, 3, 11, 12, 13, 14};
        double[] values = {1, 1, 1, 1, 5, 5, 5, 5};

        Series smoothed = new Series("values", 1, Style.DOTS, minutes, values).smoothed("mean", 3);

        assertThat(positions(smoothed)).containsExactly(0, 1, 2, 3, 7, 11, 12, 13, 14);
        assertThat(values(smoothed)).containsExactly(1, 1, 1, 1, Double.NaN, 5, 5, 5, 5);
        assertThat(Gaps.in(new double[] {14, 13, 12, 11, 3, 2, 1, 0})).isDeepEqualTo(new double[][] {{3, 11}});
        assertThat(Gaps.in(new double[] {1})).isEmpty();
    }

    private static double[] positions(Series series) {
        return IntStream.range(0, series.size()).mapToDouble(series::x).toArray();
    }

    private static double[] values(Series series) {
        return IntStream.range(0, series.size()).mapToDouble(series::y).toArray();
    }

    private static Series series(double... values) {
        return new Series(
                "values",
                1,
                Style.DOTS,
                IntStream.range(0, values.length).asDoubleStream().toArray(),
                values);
    }
}
