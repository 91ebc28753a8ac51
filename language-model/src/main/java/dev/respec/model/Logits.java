package dev.respec.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Rows of float32 logits, reused from step to step. */
public final class Logits {
    private float[] values = new float[0];
    private int rows;
    private final int vocabularySize;

    Logits(int vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    /** Room for rows one after the other, to be filled by the caller. */
    public float[] reserve(int count) {
        int floats = Math.multiplyExact(count, vocabularySize);
        if (values.length < floats) {
            values = new float[floats];
        }
        rows = count;
        return values;
    }

    /**
     * Takes rows that lie further apart than they are wide.
     *
     * @param stride floats from one row to the next
     */
    public void fill(float[] from, int count, int stride) {
        float[] to = reserve(count);
        for (int row = 0; row < count; row++) {
            System.arraycopy(from, row * stride, to, row * vocabularySize, vocabularySize);
        }
    }

    void fill(ByteBuffer bytes) {
        var floats = bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
        int count = floats.remaining();
        if (values.length < count) {
            values = new float[count];
        }
        floats.get(values, 0, count);
        rows = count / vocabularySize;
    }

    /** All rows one after the other; only the first {@code rows() * vocabularySize()} entries count. */
    public float[] values() {
        return values;
    }

    public int rows() {
        return rows;
    }

    public int vocabularySize() {
        return vocabularySize;
    }

    /** Copy of one row. */
    public float[] row(int row) {
        return Arrays.copyOfRange(values, row * vocabularySize, (row + 1) * vocabularySize);
    }
}
