package dev.respec.controller;

import java.util.Arrays;

/**
 * Ranges of active batches: each ends at a measured batch, as the ranges do under which workers count. A range is judged
 * at its end, where speculation pays least.
 */
final class BatchBuckets {
    private final int[] batches;

    /** Of the measured batches, ascending and at least one. */
    BatchBuckets(int... batches) {
        if (batches.length == 0) {
            throw new IllegalArgumentException("no batches");
        }
        this.batches = batches.clone();
    }

    int size() {
        return batches.length;
    }

    /** Largest active batch of the bucket. */
    int batch(int bucket) {
        return batches[bucket];
    }

    /** The last bucket also takes every larger batch. */
    int of(int activeBatch) {
        int found = Arrays.binarySearch(batches, activeBatch);
        return Math.min(found >= 0 ? found : -found - 1, batches.length - 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BatchBuckets buckets && Arrays.equals(batches, buckets.batches);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(batches);
    }
}
