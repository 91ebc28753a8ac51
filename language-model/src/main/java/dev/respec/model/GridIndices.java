package dev.respec.model;

/**
 * A token grid as index arrays of the kernel.
 *
 * @param gridRows place of each token in the [B * K] grid; empty where every sequence has K tokens
 * @param gridPositions [B * K], 0 where there is no token
 */
@SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
record GridIndices(long[] tokens, long[] positions, long[] gridRows, long[] gridPositions) {
    static GridIndices of(TokenGrid grid) {
        int count = grid.tokenCount();
        int width = grid.width();
        boolean full = count == grid.sequences() * width;
        long[] tokens = new long[count];
        long[] positions = new long[count];
        long[] gridRows = new long[full ? 0 : count];
        long[] gridPositions = new long[grid.sequences() * width];
        int at = 0;
        for (int sequence = 0; sequence < grid.sequences(); sequence++) {
            for (int i = 0; i < grid.count(sequence); i++) {
                tokens[at] = grid.token(at);
                positions[at] = grid.start(sequence) + i;
                gridPositions[sequence * width + i] = positions[at];
                if (!full) {
                    gridRows[at] = (long) sequence * width + i;
                }
                at++;
            }
        }
        return new GridIndices(tokens, positions, gridRows, gridPositions);
    }
}
