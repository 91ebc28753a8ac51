package dev.respec.model.vector;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.TokenGrid;

/** Where the tokens of one step stand, and what of their attention is cut out for the threads; the same in every layer. */
final class StepPlan {
    private static final boolean[][] CHAIN = {};
    /** Multiplications below which threads do not share attention. */
    private static final int SHARED_ATTENTION = 100_000;

    private final TokenGrid grid;
    private final int[] slots;
    private final int[] columns;
    private final int[] positions;
    private final KeyValueCache.Run[] runs;
    private final int[] fromRow;
    private final int[] toRow;
    private final boolean shared;

    /**
     * @param firstSlot slot of the grid's first sequence
     * @param stride from one token's queries to the next
     */
    StepPlan(ModelConfig config, int firstSlot, TokenGrid grid, int stride) {
        this.grid = grid;
        int rows = grid.tokenCount();
        slots = new int[rows];
        columns = new int[rows];
        positions = new int[rows];
        int group = config.heads() / config.keyValueHeads();
        int parts = parts(grid, config.keyValueHeads(), group);
        runs = new KeyValueCache.Run[parts];
        fromRow = new int[parts];
        toRow = new int[parts];
        int queryWidth = config.heads() * config.headDimension();
        int row = 0;
        int part = 0;
        long work = 0;
        for (int s = 0; s < grid.sequences(); s++) {
            int count = grid.count(s);
            place(firstSlot + s, row, grid.start(s), count);
            boolean[][] seen = grid.branched() ? ancestors(row, count) : CHAIN;
            for (int head = 0; head < config.keyValueHeads(); head++) {
                int query = head * group * config.headDimension();
                int at = row * stride + query;
                int to = row * queryWidth + query;
                var run = new KeyValueCache.Run(
                        firstSlot + s, head, grid.start(s), group, at, stride, to, queryWidth, seen);
                part = cut(run, count * group, part);
            }
            work += (long) count * (grid.start(s) + count) * queryWidth;
            row += count;
        }
        shared = work > SHARED_ATTENTION;
    }

    private void place(int slot, int first, int start, int count) {
        for (int i = 0; i < count; i++) {
            slots[first + i] = slot;
            columns[first + i] = start + i;
            positions[first + i] = start + grid.depth(first + i);
        }
    }

    /** Cuts a run into parts for the threads; returns the number of the next part. */
    private int cut(KeyValueCache.Run run, int rows, int firstPart) {
        int part = firstPart;
        for (int from = 0; from < rows; from += KeyValueCache.MOST_ROWS, part++) {
            runs[part] = run;
            fromRow[part] = from;
            toRow[part] = Math.min(rows, from + KeyValueCache.MOST_ROWS);
        }
        return part;
    }

    private static int parts(TokenGrid grid, int keyHeads, int group) {
        int parts = 0;
        for (int s = 0; s < grid.sequences(); s++) {
            parts += keyHeads * ((grid.count(s) * group + KeyValueCache.MOST_ROWS - 1) / KeyValueCache.MOST_ROWS);
        }
        return parts;
    }

    private boolean[][] ancestors(int first, int count) {
        boolean[][] seen = new boolean[count][count];
        for (int i = 0; i < count; i++) {
            for (int node = i; node >= 0; node = grid.parent(first + node)) {
                seen[i][node] = true;
            }
        }
        return seen;
    }

    int rows() {
        return slots.length;
    }

    int slot(int row) {
        return slots[row];
    }

    /** Column of the cache that a row's key and value go to. */
    int column(int row) {
        return columns[row];
    }

    /** Rotary position: a node's depth in its tree counts, not its column. */
    int position(int row) {
        return positions[row];
    }

    /** Attention of all rows. */
    void attend(Team team, KeyValueCache cache, float[] queries, float[] to) {
        if (shared) {
            team.run(runs.length, part -> attend(cache, part, queries, to));
        } else {
            for (int part = 0; part < runs.length; part++) {
                attend(cache, part, queries, to);
            }
        }
    }

    private void attend(KeyValueCache cache, int part, float[] queries, float[] to) {
        cache.attend(runs[part], queries, fromRow[part], toRow[part], to);
    }
}
