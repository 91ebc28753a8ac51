package dev.respec.model.vector;

import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import java.util.Arrays;

/** Matrices [out, in] of a checkpoint, one below the other, read row by row as bfloat16. Any thread may read. */
final class StackedRows {
    private final HostTensor[] matrices;
    /** First row of each matrix, and the number of all rows. */
    private final long[] firsts;

    private final int inputs;

    /** @param inputs of every matrix */
    StackedRows(int inputs, HostTensor... matrices) {
        this.matrices = matrices.clone();
        this.inputs = inputs;
        this.firsts = new long[matrices.length + 1];
        for (int i = 0; i < matrices.length; i++) {
            long[] shape = matrices[i].shape();
            if (shape.length != 2 || shape[1] != inputs) {
                throw new IllegalArgumentException("expected a matrix of " + inputs + " inputs, got " + matrices[i]);
            }
            firsts[i + 1] = firsts[i] + shape[0];
        }
    }

    /** Of exactly so many rows. */
    StackedRows requireRows(int rows) {
        if (firsts[matrices.length] != rows) {
            throw new IllegalArgumentException(
                    "expected " + rows + " rows of weights, got " + Arrays.toString(matrices));
        }
        return this;
    }

    /** Bits of the nearest bfloat16 of each weight of a row. */
    void read(int row, short[] to, int at) {
        int i = matrixOf(row);
        matrices[i].readBfloat16((row - firsts[i]) * inputs, to, at, inputs);
    }

    /** Whether {@link #read(int, short[], int)} copies; other types are read faster as floats. */
    boolean isBfloat16() {
        return Arrays.stream(matrices).allMatch(matrix -> matrix.type() == ElementType.BFLOAT16);
    }

    /** Some rows as float32, one behind the other. */
    void read(int first, int count, float[] to) {
        for (int done = 0; done < count; ) {
            int i = matrixOf(first + done);
            int rows = (int) Math.min(count - done, firsts[i + 1] - first - done);
            matrices[i].read((first + done - firsts[i]) * inputs, to, done * inputs, rows * inputs);
            done += rows;
        }
    }

    /** Tells that rows have been read for good. */
    void release(int from, int to) {
        for (int i = 0; i < matrices.length; i++) {
            long first = Math.max(from, firsts[i]);
            long end = Math.min(to, firsts[i + 1]);
            if (first < end) {
                matrices[i].release((first - firsts[i]) * inputs, (end - first) * inputs);
            }
        }
    }

    private int matrixOf(int row) {
        int i = 0;
        while (row >= firsts[i + 1]) {
            i++;
        }
        return i;
    }
}
