package dev.respec.ops.exports.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void shouldPutEqualValuesIntoOneBucket() {
        Histogram histogram = Histogram.of(List.of(0.5, 0.5, 0.5));

        assertThat(histogram.limits()).containsExactly(0.5);
        assertThat(histogram.counts()).containsExactly(3.0);
        assertThat(histogram.sumOfSquares()).isEqualTo(0.75);
    }

    @Test
    void shouldCountEveryValueOnceAndEndAtTheLargest() {
        Histogram histogram = Histogram.of(List.of(-1.0, 0.1, 0.7, 2.0, 2.0));

        assertThat(histogram.limits()).hasSize(30).isSorted().endsWith(2.0);
        assertThat(histogram.counts().stream().mapToDouble(Double::doubleValue).sum())
                .isEqualTo(5);
        assertThat(histogram.counts().get(0)).isEqualTo(1);
        assertThat(histogram.counts().get(29)).isEqualTo(2);
    }
}
