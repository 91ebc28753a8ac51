package dev.respec.model.lora;

import dev.respec.model.checkpoint.ComputedFloats;
import dev.respec.model.checkpoint.HostTensor;
import java.util.Arrays;

/**
 * W + scale · B · A, computed part by part as it is read; the sum is never stored. An element's products are added in the
 * order of the ranks, whatever is read beside it.
 */
final class MergedWeight implements ComputedFloats {
    /** Ranks that are added in one pass. */
    private static final int TOGETHER = 4;
    /** Rows that share what is read of A. */
    private static final int ROWS = 4;
    /** Columns whose part of A stays in the processor's first cache while all ranks of four rows are added. */
    private static final int TILE = 512;

    private final HostTensor weight;
    private final float[] down;
    private final float[] scaledUp;
    private final int rank;
    private final int columns;

    /** @param scale the factor on B · A */
    MergedWeight(HostTensor weight, LoraAdapter.Product product, double scale) {
        this.weight = weight;
        this.rank = (int) product.down().shape()[0];
        this.columns = (int) product.down().shape()[1];
        this.down = product.down().toFloats();
        this.scaledUp = product.up().toFloats();
        for (int i = 0; i < scaledUp.length; i++) {
            scaledUp[i] *= (float) scale;
        }
    }

    @Override
    public long size() {
        return weight.size() * Float.BYTES;
    }

    @Override
    public void read(long first, float[] to, int at, int count) {
        weight.read(first, to, at, count);
        var sums = new float[ROWS][Math.min(TILE, columns)];
        for (int done = 0; done < count; ) {
            int row = (int) ((first + done) / columns);
            int column = (int) ((first + done) % columns);
            if (column == 0 && count - done >= ROWS * columns) {
                for (int from = 0; from < columns; from += TILE) {
                    addRows(ROWS, row, from, Math.min(TILE, columns - from), sums, to, at + done + from);
                }
                done += ROWS * columns;
            } else {
                int length = Math.min(Math.min(TILE, columns - column), count - done);
                addRows(1, row, column, length, sums, to, at + done);
                done += length;
            }
        }
    }

    /** Adds to a part of some rows; each row is {@code columns} behind the one before it. */
    private void addRows(int rows, int row, int column, int length, float[][] sums, float[] values, int at) {
        for (int r = 0; r < rows; r++) {
            Arrays.fill(sums[r], 0, length, 0);
        }
        int k = 0;
        for (; k + TOGETHER <= rank; k += TOGETHER) {
            if (rows == ROWS) {
                addFourToFour(row * rank + k, k * columns + column, length, sums);
            } else {
                addFour(row * rank + k, k * columns + column, length, sums[0]);
            }
        }
        for (; k < rank; k++) {
            for (int r = 0; r < rows; r++) {
                addOne(scaledUp[(row + r) * rank + k], k * columns + column, length, sums[r]);
            }
        }
        for (int r = 0; r < rows; r++) {
            add(sums[r], length, values, at + r * columns);
        }
    }

    private static void add(float[] sums, int length, float[] values, int at) {
        for (int i = 0; i < length; i++) {
            values[at + i] += sums[i];
        }
    }

    private void addOne(float factor, int start, int length, float[] sums) {
        for (int i = 0; i < length; i++) {
            sums[i] += factor * down[start + i];
        }
    }

    /** Four ranks in one pass over the sums, added in the same order as one by one. */
    private void addFour(int factor, int start, int length, float[] sums) {
        float first = scaledUp[factor];
        float second = scaledUp[factor + 1];
        float third = scaledUp[factor + 2];
        float fourth = scaledUp[factor + 3];
        int secondStart = start + columns;
        int thirdStart = secondStart + columns;
        int fourthStart = thirdStart + columns;
        for (int i = 0; i < length; i++) {
            sums[i] = sums[i]
                    + first * down[start + i]
                    + second * down[secondStart + i]
                    + third * down[thirdStart + i]
                    + fourth * down[fourthStart + i];
        }
    }

    /** As {@link #addFour} for four rows at once. */
    private void addFourToFour(int factor, int start, int length, float[][] sums) {
        float[] s0 = sums[0];
        float[] s1 = sums[1];
        float[] s2 = sums[2];
        float[] s3 = sums[3];
        int f1 = factor + rank;
        int f2 = f1 + rank;
        int f3 = f2 + rank;
        float a0 = scaledUp[factor], a1 = scaledUp[factor + 1], a2 = scaledUp[factor + 2], a3 = scaledUp[factor + 3];
        float b0 = scaledUp[f1], b1 = scaledUp[f1 + 1], b2 = scaledUp[f1 + 2], b3 = scaledUp[f1 + 3];
        float c0 = scaledUp[f2], c1 = scaledUp[f2 + 1], c2 = scaledUp[f2 + 2], c3 = scaledUp[f2 + 3];
        float d0 = scaledUp[f3], d1 = scaledUp[f3 + 1], d2 = scaledUp[f3 + 2], d3 = scaledUp[f3 + 3];
        int start1 = start + columns;
        int start2 = start1 + columns;
        int start3 = start2 + columns;
        for (int i = 0; i < length; i++) {
            float x0 = down[start + i];
            float x1 = down[start1 + i];
            float x2 = down[start2 + i];
            float x3 = down[start3 + i];
            s0[i] = s0[i] + a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3;
            s1[i] = s1[i] + b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3;
            s2[i] = s2[i] + c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3;
            s3[i] = s3[i] + d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3;
        }
    }

    @Override
    public void release(long from, long count) {
        weight.release(from / Float.BYTES, count / Float.BYTES);
    }
}
