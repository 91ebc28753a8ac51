package dev.respec.model.vector;

import jdk.incubator.vector.FloatVector;

/**
 * Adds parts of a product B · A of two thin matrices on the processor's vectors, in the order of the ranks. Only where
 * {@link VectorDecoder#available()}.
 */
public final class LowRankProduct {
    /** Rows that share what is read of A. */
    public static final int ROWS = 4;

    private final float[] up;
    private final float[] down;
    private final int rank;
    private final int columns;

    /**
     * Takes the factors as they are.
     *
     * @param up B [rows, rank]
     * @param down A [rank, columns]
     */
    public LowRankProduct(float[] up, float[] down, int rank, int columns) {
        this.up = up;
        this.down = down;
        this.rank = rank;
        this.columns = columns;
    }

    /**
     * Adds to four rows, each {@code columns} behind the one before it.
     *
     * @param row of the product, its first
     * @param column of the product, its first
     * @param values receives the sums from index {@code at} on
     * @return how many columns are done: what does not fill a vector is not
     */
    public int addToFour(int row, int column, int length, float[] values, int at) {
        int vectors = length - length % Lanes.COUNT;
        int first = row * rank;
        int second = first + rank;
        int third = second + rank;
        int fourth = third + rank;
        for (int i = 0; i < vectors; i += Lanes.COUNT) {
            FloatVector a = FloatVector.zero(Lanes.FLOATS);
            FloatVector b = FloatVector.zero(Lanes.FLOATS);
            FloatVector c = FloatVector.zero(Lanes.FLOATS);
            FloatVector d = FloatVector.zero(Lanes.FLOATS);
            for (int k = 0; k < rank; k++) {
                FloatVector x = FloatVector.fromArray(Lanes.FLOATS, down, k * columns + column + i);
                a = a.add(x.mul(up[first + k]));
                b = b.add(x.mul(up[second + k]));
                c = c.add(x.mul(up[third + k]));
                d = d.add(x.mul(up[fourth + k]));
            }
            FloatVector.fromArray(Lanes.FLOATS, values, at + i).add(a).intoArray(values, at + i);
            FloatVector.fromArray(Lanes.FLOATS, values, at + columns + i).add(b).intoArray(values, at + columns + i);
            FloatVector.fromArray(Lanes.FLOATS, values, at + 2 * columns + i)
                    .add(c)
                    .intoArray(values, at + 2 * columns + i);
            FloatVector.fromArray(Lanes.FLOATS, values, at + 3 * columns + i)
                    .add(d)
                    .intoArray(values, at + 3 * columns + i);
        }
        return vectors;
    }
}
