package dev.respec.model;

import dev.respec.model.decoding.TokenGrid;

/**
 * A token grid as the decoder kernel's numbers: tokens, positions, columns, slots, places in the grid where runs differ in
 * length, columns of the grid's queries, ancestors where runs branch, rows to give logits for.
 */
@SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
record GridIndices(long[] numbers, boolean ragged) {
    /** @param rows rows of logits asked for, empty for all */
    static GridIndices of(TokenGrid grid, int firstSlot, long[] rows) {
        int count = grid.tokenCount();
        int width = grid.width();
        int cells = grid.sequences() * width;
        boolean ragged = count != cells;
        int queries = (ragged ? 5 : 4) * count;
        int ancestors = queries + cells;
        int end = ancestors + (grid.branched() ? cells * width : 0);
        long[] numbers = new long[end + rows.length];
        int at = 0;
        for (int sequence = 0; sequence < grid.sequences(); sequence++) {
            int run = at;
            for (int i = 0; i < grid.count(sequence); i++, at++) {
                int cell = sequence * width + i;
                int column = grid.start(sequence) + i;
                numbers[at] = grid.token(at);
                numbers[count + at] = grid.start(sequence) + grid.depth(at);
                numbers[2 * count + at] = column;
                numbers[3 * count + at] = firstSlot + sequence;
                numbers[queries + cell] = column;
                if (ragged) {
                    numbers[4 * count + at] = cell;
                }
                if (grid.branched()) {
                    for (int node = i; node >= 0; node = grid.parent(run + node)) {
                        numbers[ancestors + cell * width + node] = 1;
                    }
                }
            }
        }
        System.arraycopy(rows, 0, numbers, end, rows.length);
        return new GridIndices(numbers, ragged);
    }
}
