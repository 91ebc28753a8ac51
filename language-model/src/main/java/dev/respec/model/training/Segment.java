package dev.respec.model.training;

/**
 * Rows that follow each other in a sequence, and the rows that the sequence begins with where others share them.
 *
 * @param first row
 * @param rows at least 1
 * @param prefix first of the rows before
 * @param prefixRows 0 for a segment that begins its sequence
 */
record Segment(int first, int rows, int prefix, int prefixRows) {
    /** Length of the sequence. */
    int length() {
        return prefixRows + rows;
    }
}
