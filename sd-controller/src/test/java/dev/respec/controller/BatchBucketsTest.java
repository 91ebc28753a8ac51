package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchBucketsTest {
    @Test
    void shouldEndAtTheMeasuredBatches() {
        var buckets = new BatchBuckets(Machine.BATCHES);

        assertThat(buckets.of(1)).isZero();
        assertThat(buckets.of(3)).isEqualTo(2);
        assertThat(buckets.of(4)).isEqualTo(2);
        assertThat(buckets.of(5)).isEqualTo(3);
        assertThat(buckets.of(64)).isEqualTo(6);
        assertThat(buckets.of(1000)).isEqualTo(6);
        assertThat(buckets.batch(3)).isEqualTo(8);
    }
}
