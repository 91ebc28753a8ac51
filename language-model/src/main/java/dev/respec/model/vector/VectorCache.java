package dev.respec.model.vector;

import static dev.respec.model.vector.Lanes.COUNT;
import static dev.respec.model.vector.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention on vectors.
 *
 * <p>Keys lie in blocks of as many columns as a vector has lanes, dimension by dimension, so that one query meets a block
 * of columns in one multiplication a dimension. Values lie column by column, padded to whole vectors.
 */
final class VectorCache implements KeyValueCache {
    /** Query rows that share each key and value read. */
    private static final int TILE = 4;

    private final int heads;
    private final int dimension;
    private final int valueStride;
    private final int keysOfSlot;
    private final int valuesOfSlot;
    private final float[] keys;
    private final float[] values;

    /**
     * @param heads key heads
     * @param capacity columns of a slot
     */
    VectorCache(int slots, int heads, int capacity, int dimension) {
        this.heads = heads;
        this.dimension = dimension;
        this.valueStride = Lanes.padded(dimension);
        this.keysOfSlot = Lanes.padded(capacity) * dimension;
        this.valuesOfSlot = Lanes.padded(capacity) * valueStride;
        this.keys = new float[Math.multiplyExact(slots * heads, keysOfSlot)];
        this.values = new float[Math.multiplyExact(slots * heads, valuesOfSlot)];
    }

    private int keyAt(int slot, int head, int column) {
        return (slot * heads + head) * keysOfSlot + column / COUNT * COUNT * dimension + column % COUNT;
    }

    private int valueAt(int slot, int head, int column) {
        return (slot * heads + head) * valuesOfSlot + column * valueStride;
    }

    @Override
    public void put(int slot, int column, float[] from, int keysAt, int valuesAt) {
        for (int head = 0; head < heads; head++) {
            int at = keyAt(slot, head, column);
            for (int d = 0; d < dimension; d++, at += COUNT) {
                keys[at] = from[keysAt + head * dimension + d];
            }
            System.arraycopy(from, valuesAt + head * dimension, values, valueAt(slot, head, column), dimension);
        }
    }

    @Override
    public void get(int slot, int column, float[] to, int at) {
        int valuesAt = at + heads * dimension;
        for (int head = 0; head < heads; head++) {
            int key = keyAt(slot, head, column);
            for (int d = 0; d < dimension; d++, key += COUNT) {
                to[at + head * dimension + d] = keys[key];
            }
            System.arraycopy(values, valueAt(slot, head, column), to, valuesAt + head * dimension, dimension);
        }
    }

    @Override
    public void copySlot(int source, int target, int length) {
        int columns = Lanes.padded(length);
        for (int head = 0; head < heads; head++) {
            System.arraycopy(keys, keyAt(source, head, 0), keys, keyAt(target, head, 0), columns * dimension);
            System.arraycopy(values, valueAt(source, head, 0), values, valueAt(target, head, 0), columns * valueStride);
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
            score(keyAt(run.slot(), run.head(), 0), columns, queries, at, scores, longest);
            for (int j = 0; j < TILE; j++) {
                int token = Math.min(row + j, toRow - 1) / run.group();
                hide(run, token, scores, j * longest, Lanes.padded(columns));
                scales[j] = 1 / Lanes.exponentials(scores, j * longest, Lanes.padded(columns));
            }
            for (int d = 0; d < dimension; d += 2 * COUNT) {
                mix(valueAt(run.slot(), run.head(), 0), d, columns, scores, longest, sums);
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
    private void score(int key, int columns, float[] queries, int[] at, float[] scores, int stride) {
        float[] k = keys;
        int first = at[0];
        int second = at[1];
        int third = at[2];
        int fourth = at[3];
        int width = dimension;
        int left = key;
        for (int column = 0; column < columns; column += 2 * COUNT) {
            // past the last block, the last one is read again
            boolean pair = column + COUNT < columns;
            int right = pair ? left + width * COUNT : left;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            FloatVector e = a;
            FloatVector f = a;
            FloatVector g = a;
            FloatVector h = a;
            for (int i = 0; i < width; i++) {
                FloatVector u = FloatVector.fromArray(FLOATS, k, left + i * COUNT);
                FloatVector v = FloatVector.fromArray(FLOATS, k, right + i * COUNT);
                FloatVector q = FloatVector.broadcast(FLOATS, queries[first + i]);
                a = u.fma(q, a);
                b = v.fma(q, b);
                q = FloatVector.broadcast(FLOATS, queries[second + i]);
                c = u.fma(q, c);
                d = v.fma(q, d);
                q = FloatVector.broadcast(FLOATS, queries[third + i]);
                e = u.fma(q, e);
                f = v.fma(q, f);
                q = FloatVector.broadcast(FLOATS, queries[fourth + i]);
                g = u.fma(q, g);
                h = v.fma(q, h);
            }
            a.intoArray(scores, column);
            c.intoArray(scores, stride + column);
            e.intoArray(scores, 2 * stride + column);
            g.intoArray(scores, 3 * stride + column);
            if (pair) {
                b.intoArray(scores, column + COUNT);
                d.intoArray(scores, stride + column + COUNT);
                f.intoArray(scores, 2 * stride + column + COUNT);
                h.intoArray(scores, 3 * stride + column + COUNT);
            }
            left += 2 * width * COUNT;
        }
    }

    /** Four weighted sums of values, two vectors of dimensions at a time. */
    private void mix(int valuesAt, int d, int columns, float[] scores, int stride, float[] sums) {
        int step = valueStride;
        boolean pair = d + COUNT < dimension;
        int left = valuesAt + d;
        int right = pair ? left + COUNT : left;
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        FloatVector k = a;
        for (int column = 0; column < columns; column++) {
            FloatVector u = FloatVector.fromArray(FLOATS, values, left + column * step);
            FloatVector v = FloatVector.fromArray(FLOATS, values, right + column * step);
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
        a.intoArray(sums, d);
        c.intoArray(sums, step + d);
        f.intoArray(sums, 2 * step + d);
        h.intoArray(sums, 3 * step + d);
        if (pair) {
            b.intoArray(sums, d + COUNT);
            e.intoArray(sums, step + d + COUNT);
            g.intoArray(sums, 2 * step + d + COUNT);
            k.intoArray(sums, 3 * step + d + COUNT);
        }
    }
}
