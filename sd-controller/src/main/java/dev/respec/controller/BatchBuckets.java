package dev.respec.controller;

import java.util.Arrays;

/** Ranges of active batches, each around one measured batch; the borders are halfway on a logarithmic scale. */
final class BatchBuckets {
    private final int[] batches;
    private final int[] largest;

    /** @param batches ascending, at least one */
    BatchBuckets(int... batches) {
        if (batches.length == 0) {
            throw new IllegalArgumentException("no batches");
        }
        this.batches = batches.clone();
        this.largest = new int[batches.length];
        for (int i = 0; i + 1 < batches.length; i++) {
            int border = (int) Math.floor(Math.sqrt((double) batches[i] * batches[i + 1]));
            largest[i] = Math.max(batches[i], Math.min(border, batches[i + 1] - 1));
        }
        largest[batches.length - 1] = batches[batches.length - 1];
    }

    int size() {
        return batches.length;
    }

    /** The measured batch that stands for the bucket. */
    int batch(int bucket) {
        return batches[bucket];
    }

    int largestBatch(int bucket) {
        return largest[bucket];
    }

    /** The last bucket also takes every larger batch. */
    int of(int activeBatch) {
        int found = Arrays.binarySearch(largest, activeBatch);
        return Math.min(found >= 0 ? found : -found - 1, batches.length - 1);
    }
}
