package dev.respec.model.grow;

import java.util.Arrays;

/**
 * Which old heads the new heads are. Query head q reads key head q / (heads / keyValueHeads), before and after; where
 * fewer query heads share a key head than before, key heads are repeated.
 */
final class HeadPlacement {
    /** Marks a head that no old one occupies. */
    static final int NONE = -1;

    private final int[] queries;
    private final int[] keys;

    private HeadPlacement(int[] queries, int[] keys) {
        this.queries = queries;
        this.keys = keys;
    }

    /** @throws GrowthException if the old heads do not fit */
    static HeadPlacement of(int oldHeads, int oldKeyHeads, int newHeads, int newKeyHeads) {
        int oldGroup = oldHeads / oldKeyHeads;
        int newGroup = newHeads / newKeyHeads;
        int copies = (oldGroup + newGroup - 1) / newGroup;
        if (oldKeyHeads * copies > newKeyHeads) {
            throw new GrowthException(
                    "heads: %d query heads over %d key heads do not fit into %d over %d: with %d query heads a key head it takes at least %d key heads"
                            .formatted(oldHeads, oldKeyHeads, newHeads, newKeyHeads, newGroup, oldKeyHeads * copies));
        }
        int[] queries = new int[newHeads];
        int[] keys = new int[newKeyHeads];
        Arrays.fill(queries, NONE);
        Arrays.fill(keys, NONE);
        for (int key = 0; key < oldKeyHeads; key++) {
            for (int member = 0; member < oldGroup; member++) {
                int newKey = key * copies + member / newGroup;
                keys[newKey] = key;
                queries[newKey * newGroup + member % newGroup] = key * oldGroup + member;
            }
        }
        return new HeadPlacement(queries, keys);
    }

    /** Old row of each new row of a query projection, {@link #NONE} if there is none. */
    int[] queryRows(int headDimension) {
        return rows(queries, headDimension);
    }

    /** Old row of each new row of a key or value projection. */
    int[] keyRows(int headDimension) {
        return rows(keys, headDimension);
    }

    private static int[] rows(int[] heads, int headDimension) {
        int[] rows = new int[heads.length * headDimension];
        for (int row = 0; row < rows.length; row++) {
            int head = heads[row / headDimension];
            rows[row] = head == NONE ? NONE : head * headDimension + row % headDimension;
        }
        return rows;
    }
}
