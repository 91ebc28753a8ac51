package dev.respec.model.vector;

import dev.respec.model.machine.DotKernel;
import dev.respec.model.machine.NativeFloats;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * Rows as dot products read them: bfloat16, outside the Java heap.
 *
 * <p>An input and the one 16 places behind it are a pair, so that a pair of vectors of float32 becomes one of pairs without
 * moving a lane.
 */
final class DotRows implements Rows {
    /** From a pair's first input to its second. */
    static final int APART = DotKernel.GROUP / 2;

    private static final int LINE = 64;

    private final int inputs;
    private final int rowBytes;
    private final ThreadLocal<Row> row;
    private IntBuffer rows = IntBuffer.allocate(0);
    private long address;

    /** One row on its way, which stays in the nearest cache. */
    private static final class Row {
        private final float[] values;
        private final int[] pairs;

        Row(int inputs) {
            values = new float[inputs];
            pairs = new int[padded(inputs) / 2];
        }
    }

    DotRows(int inputs) {
        this.inputs = inputs;
        // an odd number of cache lines, so that rows do not meet in one set of the cache
        this.rowBytes = ((Short.BYTES * padded(inputs) + LINE - 1) / LINE | 1) * LINE;
        this.row = ThreadLocal.withInitial(() -> new Row(inputs));
    }

    int inputs() {
        return inputs;
    }

    int rowBytes() {
        return rowBytes;
    }

    /** Address of the first row. */
    long address() {
        return address;
    }

    static int padded(int inputs) {
        return (inputs + DotKernel.GROUP - 1) / DotKernel.GROUP * DotKernel.GROUP;
    }

    static int pair(float first, float second) {
        return Bfloat16Matrix.rounded(first) >>> 16 | Bfloat16Matrix.rounded(second);
    }

    @Override
    public void reserve(int count) {
        int ints = Math.multiplyExact(count, rowBytes / Integer.BYTES);
        if (rows.capacity() < ints) {
            ByteBuffer bytes = NativeFloats.lines(ints * Integer.BYTES);
            rows = bytes.asIntBuffer();
            address = NativeFloats.address(bytes);
        }
    }

    @Override
    public void put(int number, float[] x, int at) {
        pack(number, x, at, row.get());
    }

    @Override
    public void norm(int number, float[] x, int at, float[] weight, double epsilon) {
        Row own = row.get();
        Lanes.rmsNorm(x, at, weight, epsilon, own.values, 0);
        pack(number, own.values, 0, own);
    }

    private void pack(int number, float[] x, int at, Row own) {
        Lanes.pack(x, at, inputs, own.pairs, 0);
        rows.put(number * (rowBytes / Integer.BYTES), own.pairs);
    }
}
