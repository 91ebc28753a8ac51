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
        int keyHeads = config.keyValueHeads();
        int group = config.heads() / keyHeads;
        int width = config.headDimension();
        int queryWidth = config.heads() * width;
        int parts = parts(grid, keyHeads, group);
        runs = new KeyValueCache.Run[parts];
        fromRow = new int[parts];
        toRow = new int[parts];
        int row = 0;
        int part = 0;
        long work = 0;
        for (int s = 0; s < grid.sequences(); s++) {
            int first = row;
            int count = grid.count(s);
            int start = grid.start(s);
            int slot = firstSlot + s;
            boolean[][] seen = grid.branched() ? ancestors(first, count) : CHAIN;
            for (int i = 0; i < count; i++, row++) {
                slots[row] = slot;
                columns[row] = start + i;
                positions[row] = start + grid.depth(row);
            }
            for (int head = 0; head < keyHeads; head++) {
                int at = first * stride + head * group * width;
                int to = first * queryWidth + head * group * width;
                var run = new KeyValueCache.Run(slot, head, start, group, at, stride, to, queryWidth, seen);
                for (int from = 0; from < count * group; from += KeyValueCache.MOST_ROWS, part++) {
                    runs[part] = run;
                    fromRow[part] = from;
                    toRow[part] = Math.min(count * group, from + KeyValueCache.MOST_ROWS);
                }
            }
            work += (long) count * (start + count) * queryWidth;
        }
        shared = work > SHARED_ATTENTION;
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
