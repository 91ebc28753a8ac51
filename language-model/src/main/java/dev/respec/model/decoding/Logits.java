package dev.respec.model.decoding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Rows of float32 logits, reused from step to step. */
public final class Logits {
    private float[] values = new float[0];
    private int rows;
    private final int vocabularySize;

    public Logits(int vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    /**
     * Where a kernel writes rows before it calls {@link #written}.
     *
     * @param stride floats from one row to the next, at least the vocabulary's size
     */
    public float[] space(int count, int stride) {
        int floats = Math.multiplyExact(count, stride);
        if (values.length < floats) {
            values = new float[floats];
        }
        return values;
    }

    /** Rows lie in the space; those that lie further apart than they are wide move together. */
    public void written(int count, int stride) {
        for (int row = 1; row < count && stride > vocabularySize; row++) {
            System.arraycopy(values, row * stride, values, row * vocabularySize, vocabularySize);
        }
        rows = count;
    }

    public void fill(ByteBuffer bytes) {
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
