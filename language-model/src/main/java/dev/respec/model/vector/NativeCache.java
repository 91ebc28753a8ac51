package dev.respec.model.vector;

import dev.respec.model.machine.AttentionKernel;
import dev.respec.model.machine.NativeArena;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Attention in machine code, over keys and values outside the Java heap; laid out as {@link AttentionKernel} reads them. */
final class NativeCache implements KeyValueCache {
    private static final int BLOCK = AttentionKernel.BLOCK;

    /** From any place on, some columns that are seen and then hidden ones. */
    private static final float[] SEEN_THEN_HIDDEN = new float[2 * BLOCK];

    static {
        Arrays.fill(SEEN_THEN_HIDDEN, 0, BLOCK, Float.POSITIVE_INFINITY);
        Arrays.fill(SEEN_THEN_HIDDEN, BLOCK, 2 * BLOCK, AttentionKernel.HIDDEN);
    }

    private static final ThreadLocal<Workspace> WORKSPACES = ThreadLocal.withInitial(Workspace::new);

    private final int heads;
    private final int dimension;
    private final int valueStride;
    private final int keysOfHead;
    private final int valuesOfHead;
    private final NativeArena.Slice memory;
    private final FloatBuffer[] slots;
    private final AttentionKernel kernel;

    private static final class Workspace {
        private final AttentionKernel.Workspace outside = new AttentionKernel.Workspace();
        private float[] limits = new float[0];
    }

    /**
     * @param heads key heads
     * @param capacity columns of a slot
     */
    NativeCache(int slots, int heads, int capacity, int dimension, NativeArena arena) {
        this.heads = heads;
        this.dimension = dimension;
        this.valueStride = padded(dimension);
        this.keysOfHead = Math.multiplyExact(padded(capacity), dimension);
        this.valuesOfHead = Math.multiplyExact(padded(capacity), valueStride);
        long bytesOfSlot = (long) heads * (keysOfHead + valuesOfHead) * Float.BYTES;
        this.memory = arena.allocate(slots * bytesOfSlot);
        this.slots = new FloatBuffer[slots];
        Arrays.setAll(this.slots, slot -> memory.floats(slot * bytesOfSlot, bytesOfSlot));
        this.kernel = new AttentionKernel(dimension);
    }

    private static int padded(int count) {
        return (count + BLOCK - 1) / BLOCK * BLOCK;
    }

    private int keyAt(int head, int column) {
        return head * keysOfHead + column / BLOCK * BLOCK * dimension + column % BLOCK;
    }

    private int valueAt(int head, int column) {
        return heads * keysOfHead + head * valuesOfHead + column * valueStride;
    }

    private long address(int slot, int at) {
        return memory.address(((long) slot * heads * (keysOfHead + valuesOfHead) + at) * Float.BYTES);
    }

    @Override
    public void put(int slot, int column, float[] from, int keysAt, int valuesAt) {
        FloatBuffer floats = slots[slot];
        for (int head = 0; head < heads; head++) {
            int at = keyAt(head, column);
            int query = keysAt + head * dimension;
            for (int d = 0; d < dimension; d++) {
                floats.put(at + d * BLOCK, from[query + d]);
            }
            floats.put(valueAt(head, column), from, valuesAt + head * dimension, dimension);
        }
    }

    @Override
    public void get(int slot, int column, float[] to, int at) {
        FloatBuffer floats = slots[slot];
        int valuesAt = at + heads * dimension;
        for (int head = 0; head < heads; head++) {
            int key = keyAt(head, column);
            for (int d = 0; d < dimension; d++) {
                to[at + head * dimension + d] = floats.get(key + d * BLOCK);
            }
            floats.get(valueAt(head, column), to, valuesAt + head * dimension, dimension);
        }
    }

    @Override
    public void copySlot(int source, int target, int length) {
        int columns = padded(length);
        for (int head = 0; head < heads; head++) {
            int keys = keyAt(head, 0);
            slots[target].put(keys, slots[source], keys, columns * dimension);
            int values = valueAt(head, 0);
            slots[target].put(values, slots[source], values, columns * valueStride);
        }
    }

    @Override
    public void attend(Run run, float[] queries, int fromRow, int toRow, float[] to) {
        Workspace workspace = WORKSPACES.get();
        for (int row = fromRow; row < toRow; row += AttentionKernel.MOST_ROWS) {
            attend(workspace, run, queries, row, Math.min(toRow, row + AttentionKernel.MOST_ROWS), to);
        }
    }

    private void attend(Workspace workspace, Run run, float[] queries, int fromRow, int toRow, float[] to) {
        int rows = toRow - fromRow;
        int group = run.group();
        FloatBuffer outside = workspace.outside.queries(rows * dimension);
        for (int row = fromRow, next; row < toRow; row = next) {
            next = Math.min(toRow, row - row % group + group);
            int at = run.at() + row / group * run.stride() + row % group * dimension;
            outside.put((row - fromRow) * dimension, queries, at, (next - row) * dimension);
        }
        int columns = run.end((toRow - 1) / group);
        // what is before the first row's own column is seen by all rows of a chain, of a tree what is before the run
        int common = run.seen().length > 0 ? run.start() : run.end(fromRow / group) - 1;
        int first = Math.min(common, columns - 1) / BLOCK;
        int limited = (columns + BLOCK - 1) / BLOCK - first;
        limit(workspace, run, fromRow, rows, first, limited);
        kernel.attend(
                workspace.outside,
                rows,
                address(run.slot(), keyAt(run.head(), 0)),
                address(run.slot(), valueAt(run.head(), 0)),
                columns,
                limited);
        FloatBuffer results = workspace.outside.results();
        for (int row = fromRow, next; row < toRow; row = next) {
            next = Math.min(toRow, row - row % group + group);
            int at = run.toAt() + row / group * run.toStride() + row % group * dimension;
            results.get((row - fromRow) * dimension, to, at, (next - row) * dimension);
        }
    }

    /** Limits of the last blocks: infinite where a row sees a column. */
    private static void limit(Workspace workspace, Run run, int fromRow, int rows, int first, int blocks) {
        int count = blocks * rows * BLOCK;
        float[] limits = workspace.limits = Scratch.atLeast(workspace.limits, count);
        for (int block = 0; block < blocks; block++) {
            int column = (first + block) * BLOCK;
            for (int row = 0; row < rows; row++) {
                int token = (fromRow + row) / run.group();
                int at = (block * rows + row) * BLOCK;
                int seen = Math.max(0, Math.min(BLOCK, run.end(token) - column));
                System.arraycopy(SEEN_THEN_HIDDEN, BLOCK - seen, limits, at, BLOCK);
                if (run.seen().length > 0) {
                    hide(run, token, column, limits, at);
                }
            }
        }
        workspace.outside.limits(count).put(0, limits, 0, count);
    }

    /** Hides what is not the token's ancestor. */
    private static void hide(Run run, int token, int column, float[] limits, int at) {
        for (int i = 0; i < token; i++) {
            int lane = run.start() + i - column;
            if (lane >= 0 && lane < BLOCK && !run.seen()[token][i]) {
                limits[at + lane] = AttentionKernel.HIDDEN;
            }
        }
    }
}
