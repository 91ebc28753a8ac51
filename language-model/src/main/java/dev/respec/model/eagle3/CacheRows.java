package dev.respec.model.eagle3;

import java.util.List;

/** How many rows of the drafter's cache count, by slot, and where new ones go. */
final class CacheRows {
    /** Cache rows that drafts may write past a slot's capacity, because sequences near their end draft with the others. */
    static final int MARGIN = 64;

    /** Columns attended over are rounded up to this, so that memory blocks are reused from step to step. */
    private static final int COLUMN_BLOCK = 16;

    private final int capacity;
    private final int[] lengths;

    CacheRows(int slots, int capacity) {
        this.capacity = capacity;
        this.lengths = new int[slots];
    }

    int length(int slot) {
        return lengths[slot];
    }

    void truncate(int slot, int length) {
        if (length > lengths[slot]) {
            throw new IllegalArgumentException(
                    "slot " + slot + " holds " + lengths[slot] + " rows, it cannot be cut back to " + length);
        }
        lengths[slot] = length;
    }

    void copy(int source, int target) {
        lengths[target] = lengths[source];
    }

    /**
     * The kernel's numbers of an extension: for each row the place of its features, its slot, its cache row, its next
     * token; then for each slot its last row. The slots' lengths grow.
     *
     * @throws IllegalArgumentException if a slot is full; then nothing changes
     */
    long[] append(int firstSlot, List<Extension> extensions) {
        int rows = 0;
        for (int b = 0; b < extensions.size(); b++) {
            int count = extensions.get(b).rows();
            if (lengths[firstSlot + b] + count > capacity) {
                throw new IllegalArgumentException("slot %d holds %d of %d rows: no room for %d more"
                        .formatted(firstSlot + b, lengths[firstSlot + b], capacity, count));
            }
            rows += count;
        }
        long[] numbers = new long[4 * rows + extensions.size()];
        int row = 0;
        for (int b = 0; b < extensions.size(); b++) {
            Extension extension = extensions.get(b);
            int slot = firstSlot + b;
            for (int i = 0; i < extension.rows(); i++, row++) {
                numbers[row] = extension.featureRow(i);
                numbers[rows + row] = slot;
                numbers[2 * rows + row] = lengths[slot]++;
                numbers[3 * rows + row] = extension.nextToken(i);
            }
            numbers[4 * rows + b] = row - 1L;
        }
        return numbers;
    }

    /** Rows in the numbers of an extension of so many slots. */
    static int rows(long[] numbers, int batch) {
        return (numbers.length - batch) / 4;
    }

    /** Columns to attend over when each of the slots drafts so many tokens behind its rows. */
    int columns(int firstSlot, int batch, int drafted) {
        int longest = 0;
        for (int slot = firstSlot; slot < firstSlot + batch; slot++) {
            longest = Math.max(longest, lengths[slot]);
        }
        int blocks = (longest + drafted + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
        return Math.min(blocks * COLUMN_BLOCK, capacity + MARGIN);
    }

    /** Lengths of neighbouring slots, none of them empty. */
    long[] lengths(int firstSlot, int batch) {
        long[] chosen = new long[batch];
        for (int b = 0; b < batch; b++) {
            chosen[b] = lengths[firstSlot + b];
            if (chosen[b] == 0) {
                throw new IllegalStateException("slot " + (firstSlot + b) + " was never extended");
            }
        }
        return chosen;
    }
}
