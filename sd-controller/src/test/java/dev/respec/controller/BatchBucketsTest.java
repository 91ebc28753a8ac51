package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchBucketsTest {
    @Test
    void shouldPutTheBordersHalfwayOnALogarithmicScale() {
        var buckets = new BatchBuckets(Machine.BATCHES);

        assertThat(IntStream.range(0, buckets.size()).map(buckets::largestBatch).toArray())
                .containsExactly(1, 2, 5, 11, 22, 45, 64);
        assertThat(buckets.of(1)).isZero();
        assertThat(buckets.of(3)).isEqualTo(2);
        assertThat(buckets.of(5)).isEqualTo(2);
        assertThat(buckets.of(6)).isEqualTo(3);
        assertThat(buckets.of(64)).isEqualTo(6);
        assertThat(buckets.of(1000)).isEqualTo(6);
    }

    @Test
    void shouldKeepNeighboursApart() {
        var buckets = new BatchBuckets(1, 2, 3);

        assertThat(IntStream.range(0, 3).map(buckets::largestBatch).toArray()).containsExactly(1, 2, 3);
    }
}
