package dev.respec.model.vector;

import dev.respec.model.decoding.PageTable;
import dev.respec.model.machine.AttentionKernel;

/** Keys and values of one layer, float32, in the pages of a table, and attention over them. */
interface KeyValueCache extends PageTable.Contents {
    /** Floats of one column of one slot. */
    static long floatsOfColumn(int heads, int dimension) {
        return (long) heads * (dimension + Lanes.padded(dimension));
    }

    /** Stores one column of a page that is open: keys [heads, dimension] from keysAt on, values from valuesAt on. */
    void put(int slot, int column, float[] from, int keysAt, int valuesAt);

    /** Reads one column as {@link #put} takes it: keys, then values. */
    void get(int slot, int column, float[] to, int at);

    /**
     * What a run of tokens asks of one key head.
     *
     * @param slot of the sequence
     * @param head key head
     * @param start column of the run's first token
     * @param group query heads a key head; row r is query head r % group of token r / group
     * @param at of the first token's first query
     * @param stride from one token's queries to the next
     * @param toAt of its result
     * @param toStride from one token's results to the next
     * @param seen for each token of the run, which tokens of it are visible; empty for a chain
     */
    record Run(int slot, int head, int start, int group, int at, int stride, int toAt, int toStride, boolean[][] seen) {
        /** Column behind the last that a token may see. */
        int end(int token) {
            return start + token + 1;
        }
    }

    /** Most query rows of a call of {@link #attend}. */
    int MOST_ROWS = AttentionKernel.MOST_ROWS;

    /**
     * Attention of some query rows.
     *
     * @param queries turned and scaled
     * @param to receives the results
     */
    void attend(Run run, float[] queries, int fromRow, int toRow, float[] to);
}
