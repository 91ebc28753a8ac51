package dev.respec.model.vector;

import dev.respec.model.decoding.PageTable;
import dev.respec.model.machine.AttentionKernel;
import dev.respec.model.machine.NativeArena;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/** Attention in machine code, over keys and values outside the Java heap; laid out as {@link AttentionKernel} reads them. */
final class NativeCache implements KeyValueCache {
    /** Columns of a block, which is one head's part of a page. */
    private static final int BLOCK = AttentionKernel.BLOCK;

    /** Most bytes of a view of the memory. */
    private static final long WINDOW_BYTES = 1L << 29;

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
    private final int floatsOfHead;
    private final int floatsOfPage;
    private final PageTable table;
    private final NativeArena.Slice memory;
    private final int pagesOfWindow;
    private final FloatBuffer[] windows;
    private final AttentionKernel kernel;

    private static final class Workspace {
        private final AttentionKernel.Workspace outside = new AttentionKernel.Workspace();
        private float[] limits = new float[0];
    }

    /** @param heads key heads */
    NativeCache(PageTable table, int heads, int dimension, NativeArena arena) {
        this.table = table;
        this.heads = heads;
        this.dimension = dimension;
        this.valueStride = padded(dimension);
        this.floatsOfHead = BLOCK * (dimension + valueStride);
        this.floatsOfPage = Math.multiplyExact(heads, floatsOfHead);
        int pages = table.pool().size();
        long bytesOfPage = (long) floatsOfPage * Float.BYTES;
        this.memory = arena.allocate(pages * bytesOfPage);
        this.pagesOfWindow = (int) Math.max(1, WINDOW_BYTES / bytesOfPage);
        this.windows = new FloatBuffer[(pages + pagesOfWindow - 1) / pagesOfWindow];
        Arrays.setAll(windows, window -> {
            int first = window * pagesOfWindow;
            int count = Math.min(pages - first, pagesOfWindow);
            return memory.floats(first * bytesOfPage, count * bytesOfPage);
        });
        this.kernel = new AttentionKernel(dimension);
    }

    private static int padded(int count) {
        return (count + BLOCK - 1) / BLOCK * BLOCK;
    }

    private FloatBuffer window(int page) {
        return windows[page / pagesOfWindow];
    }

    /** Of a page in its window. */
    private int pageAt(int page) {
        return page % pagesOfWindow * floatsOfPage;
    }

    private int keyAt(int page, int head, int column) {
        return pageAt(page) + head * floatsOfHead + column % BLOCK;
    }

    private int valueAt(int page, int head, int column) {
        return pageAt(page) + head * floatsOfHead + BLOCK * dimension + column % BLOCK * valueStride;
    }

    @Override
    public void opened(int page) {
        // all pages are memory of the arena, which the system provides when it is first written
    }

    @Override
    public void copyPage(int source, int target) {
        window(target).put(pageAt(target), window(source), pageAt(source), floatsOfPage);
    }

    @Override
    public void put(int slot, int column, float[] from, int keysAt, int valuesAt) {
        int page = table.page(slot, column);
        FloatBuffer floats = window(page);
        for (int head = 0; head < heads; head++) {
            int at = keyAt(page, head, column);
            int query = keysAt + head * dimension;
            for (int d = 0; d < dimension; d++) {
                floats.put(at + d * BLOCK, from[query + d]);
            }
            floats.put(valueAt(page, head, column), from, valuesAt + head * dimension, dimension);
        }
    }

    @Override
    public void get(int slot, int column, float[] to, int at) {
        int page = table.page(slot, column);
        FloatBuffer floats = window(page);
        int valuesAt = at + heads * dimension;
        for (int head = 0; head < heads; head++) {
            int key = keyAt(page, head, column);
            for (int d = 0; d < dimension; d++) {
                to[at + head * dimension + d] = floats.get(key + d * BLOCK);
            }
            floats.get(valueAt(page, head, column), to, valuesAt + head * dimension, dimension);
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
        place(workspace.outside, run, columns);
        kernel.attend(workspace.outside, rows, columns, limited);
        FloatBuffer results = workspace.outside.results();
        for (int row = fromRow, next; row < toRow; row = next) {
            next = Math.min(toRow, row - row % group + group);
            int at = run.toAt() + row / group * run.toStride() + row % group * dimension;
            results.get((row - fromRow) * dimension, to, at, (next - row) * dimension);
        }
    }

    /** Tells the kernel where the blocks of a run's columns lie. */
    private void place(AttentionKernel.Workspace outside, Run run, int columns) {
        int[] pages = table.pages(run.slot());
        int blocks = (columns + BLOCK - 1) / BLOCK;
        LongBuffer addresses = outside.blocks(blocks);
        long first = memory.address((long) run.head() * floatsOfHead * Float.BYTES);
        long bytesOfPage = (long) floatsOfPage * Float.BYTES;
        for (int block = 0; block < blocks; block++) {
            addresses.put(block, first + pages[block] * bytesOfPage);
        }
        // the kernel looks a block ahead
        addresses.put(blocks, addresses.get(blocks - 1));
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
