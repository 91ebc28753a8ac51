package dev.respec.model.vector;

import static dev.respec.model.vector.Lanes.COUNT;
import static dev.respec.model.vector.Lanes.FLOATS;

import dev.respec.model.decoding.PageTable;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention on vectors.
 *
 * <p>Keys lie in blocks of as many columns as a vector has lanes, dimension by dimension, so that one query meets a block
 * of columns in one multiplication per dimension. Values lie column by column, padded to whole vectors.
 */
final class VectorCache implements KeyValueCache {
    /** Query rows that share each key and value read. */
    private static final int TILE = 4;

    private final int heads;
    private final int dimension;
    private final int valueStride;
    private final int floatsOfHead;
    private final PageTable table;
    /** By page: for each head its keys, then its values; null for a page that was never open. */
    private final float[][] pages;

    /** @param heads key heads */
    VectorCache(PageTable table, int heads, int dimension) {
        this.table = table;
        this.heads = heads;
        this.dimension = dimension;
        this.valueStride = Lanes.padded(dimension);
        this.floatsOfHead = PageTable.COLUMNS * (dimension + valueStride);
        this.pages = new float[table.pool().size()][];
    }

    @Override
    public void opened(int page) {
        if (pages[page] == null) {
            pages[page] = new float[heads * floatsOfHead];
        }
    }

    @Override
    public void copyPage(int source, int target) {
        System.arraycopy(pages[source], 0, pages[target], 0, heads * floatsOfHead);
    }

    /** Of a column in its page; a block's columns lie side by side. */
    private int keyAt(int head, int column) {
        int inPage = column % PageTable.COLUMNS;
        return head * floatsOfHead + inPage / COUNT * COUNT * dimension + inPage % COUNT;
    }

    private int valueAt(int head, int column) {
        return head * floatsOfHead + PageTable.COLUMNS * dimension + column % PageTable.COLUMNS * valueStride;
    }

    @Override
    public void put(int slot, int column, float[] from, int keysAt, int valuesAt) {
        float[] page = pages[table.page(slot, column)];
        for (int head = 0; head < heads; head++) {
            int at = keyAt(head, column);
            for (int d = 0; d < dimension; d++, at += COUNT) {
                page[at] = from[keysAt + head * dimension + d];
            }
            System.arraycopy(from, valuesAt + head * dimension, page, valueAt(head, column), dimension);
        }
    }

    @Override
    public void get(int slot, int column, float[] to, int at) {
        float[] page = pages[table.page(slot, column)];
        int valuesAt = at + heads * dimension;
        for (int head = 0; head < heads; head++) {
            int key = keyAt(head, column);
            for (int d = 0; d < dimension; d++, key += COUNT) {
                to[at + head * dimension + d] = page[key];
            }
            System.arraycopy(page, valueAt(head, column), to, valuesAt + head * dimension, dimension);
        }
    }

    @Override
    public void attend(Run run, float[] queries, int fromRow, int toRow, float[] to) {
        int longest = Lanes.padded(run.start() + (toRow - 1) / run.group() + 1);
        float[] scores = new float[TILE * longest];
        float[] scales = new float[TILE];
        float[] sums = new float[TILE * valueStride];
        int[] at = new int[TILE];
        int[] toAt = new int[TILE];
        for (int row = fromRow; row < toRow; row += TILE) {
            int columns = 0;
            for (int j = 0; j < TILE; j++) {
                // the last tile repeats its last row
                int r = Math.min(row + j, toRow - 1);
                int token = r / run.group();
                int query = r % run.group() * dimension;
                at[j] = run.at() + token * run.stride() + query;
                toAt[j] = run.toAt() + token * run.toStride() + query;
                columns = run.start() + token + 1;
            }
            int[] own = table.pages(run.slot());
            score(own, run.head(), columns, queries, at, scores, longest);
            for (int j = 0; j < TILE; j++) {
                int token = Math.min(row + j, toRow - 1) / run.group();
                hide(run, token, scores, j * longest, Lanes.padded(columns));
                scales[j] = 1 / Lanes.exponentials(scores, j * longest, Lanes.padded(columns));
            }
            for (int d = 0; d < dimension; d += 2 * COUNT) {
                mix(own, valueAt(run.head(), 0), d, columns, scores, longest, sums);
            }
            for (int j = 0; j < TILE; j++) {
                for (int d = 0; d < dimension; d++) {
                    to[toAt[j] + d] = sums[j * valueStride + d] * scales[j];
                }
            }
        }
    }

    private static void hide(Run run, int token, float[] scores, int from, int padded) {
        Arrays.fill(scores, from + run.start() + token + 1, from + padded, Float.NEGATIVE_INFINITY);
        if (run.seen().length > 0) {
            for (int i = 0; i < token; i++) {
                if (!run.seen()[token][i]) {
                    scores[from + run.start() + i] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }

    /** Products of four queries with all columns, two blocks of columns at a time. */
    private void score(int[] own, int head, int columns, float[] queries, int[] at, float[] scores, int stride) {
        for (int column = 0; column < columns; column += 2 * COUNT) {
            // past the last block, the last one is computed again
            int next = column + COUNT < columns ? column + COUNT : column;
            scoreBlocks(own, head, column, next, queries, at, scores, stride);
        }
    }

    private void scoreBlocks(
            int[] own, int head, int column, int next, float[] queries, int[] at, float[] scores, int stride) {
        float[] k = pages[own[column / PageTable.COLUMNS]];
        float[] m = pages[own[next / PageTable.COLUMNS]];
        int left = keyAt(head, column);
        int right = keyAt(head, next);
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int i = 0; i < dimension; i++) {
            FloatVector u = FloatVector.fromArray(FLOATS, k, left + i * COUNT);
            FloatVector v = FloatVector.fromArray(FLOATS, m, right + i * COUNT);
            FloatVector q = FloatVector.broadcast(FLOATS, queries[at[0] + i]);
            a = u.fma(q, a);
            b = v.fma(q, b);
            q = FloatVector.broadcast(FLOATS, queries[at[1] + i]);
            c = u.fma(q, c);
            d = v.fma(q, d);
            q = FloatVector.broadcast(FLOATS, queries[at[2] + i]);
            e = u.fma(q, e);
            f = v.fma(q, f);
            q = FloatVector.broadcast(FLOATS, queries[at[3] + i]);
            g = u.fma(q, g);
            h = v.fma(q, h);
        }
        a.intoArray(scores, column);
        b.intoArray(scores, next);
        c.intoArray(scores, stride + column);
        d.intoArray(scores, stride + next);
        e.intoArray(scores, 2 * stride + column);
        f.intoArray(scores, 2 * stride + next);
        g.intoArray(scores, 3 * stride + column);
        h.intoArray(scores, 3 * stride + next);
    }

    /** Four weighted sums of values, two vectors of dimensions at a time; behind the last one it is computed again. */
    private void mix(int[] own, int valuesAt, int d, int columns, float[] scores, int stride, float[] sums) {
        int next = d + COUNT < dimension ? d + COUNT : d;
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        FloatVector k = a;
        for (int from = 0; from < columns; from += PageTable.COLUMNS) {
            float[] values = pages[own[from / PageTable.COLUMNS]];
            int to = Math.min(columns, from + PageTable.COLUMNS);
            for (int column = from, at = valuesAt; column < to; column++, at += valueStride) {
                FloatVector u = FloatVector.fromArray(FLOATS, values, at + d);
                FloatVector v = FloatVector.fromArray(FLOATS, values, at + next);
                FloatVector p = FloatVector.broadcast(FLOATS, scores[column]);
                a = u.fma(p, a);
                b = v.fma(p, b);
                p = FloatVector.broadcast(FLOATS, scores[stride + column]);
                c = u.fma(p, c);
                e = v.fma(p, e);
                p = FloatVector.broadcast(FLOATS, scores[2 * stride + column]);
                f = u.fma(p, f);
                g = v.fma(p, g);
                p = FloatVector.broadcast(FLOATS, scores[3 * stride + column]);
                h = u.fma(p, h);
                k = v.fma(p, k);
            }
        }
        a.intoArray(sums, d);
        b.intoArray(sums, next);
        c.intoArray(sums, valueStride + d);
        e.intoArray(sums, valueStride + next);
        f.intoArray(sums, 2 * valueStride + d);
        g.intoArray(sums, 2 * valueStride + next);
        h.intoArray(sums, 3 * valueStride + d);
        k.intoArray(sums, 3 * valueStride + next);
    }
}
