package dev.respec.model.lora;

import dev.respec.model.checkpoint.ComputedFloats;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.vector.LowRankProduct;
import dev.respec.model.vector.VectorDecoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * W + scale · B · A, computed part by part as it is read; the sum is never stored. An element's products are added in the
 * order of the ranks, whatever is read beside it.
 */
final class MergedWeight implements ComputedFloats {
    /** Ranks that are added in one pass. */
    private static final int TOGETHER = 4;
    /** Columns whose part of A stays in the processor's first cache while all ranks of four rows are added. */
    private static final int TILE = 512;

    private final HostTensor weight;
    private final float[] down;
    private final float[] scaledUp;
    private final int rank;
    private final int columns;
    /** The same on vectors, to the bit; null where this Java has none. */
    private final @Nullable LowRankProduct vectors;

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
        this.vectors = VectorDecoder.available() ? new LowRankProduct(scaledUp, down, rank, columns) : null;
    }

    @Override
    public long size() {
        return weight.size() * Float.BYTES;
    }

    @Override
    public void read(long first, float[] to, int at, int count) {
        weight.read(first, to, at, count);
        var sums = new float[Math.min(TILE, columns)];
        for (int done = 0; done < count; ) {
            int row = (int) ((first + done) / columns);
            int column = (int) ((first + done) % columns);
            if (column == 0 && count - done >= LowRankProduct.ROWS * columns) {
                for (int from = 0; from < columns; from += TILE) {
                    addToFour(row, from, Math.min(TILE, columns - from), sums, to, at + done + from);
                }
                done += LowRankProduct.ROWS * columns;
            } else {
                int length = Math.min(Math.min(TILE, columns - column), count - done);
                addToOne(row, column, length, sums, to, at + done);
                done += length;
            }
        }
    }

    /** Adds to a part of four rows; each is {@code columns} behind the one before it. */
    private void addToFour(int row, int column, int length, float[] sums, float[] values, int at) {
        int done = vectors == null ? 0 : vectors.addToFour(row, column, length, values, at);
        for (int r = 0; r < LowRankProduct.ROWS && done < length; r++) {
            addToOne(row + r, column + done, length - done, sums, values, at + r * columns + done);
        }
    }

    private void addToOne(int row, int column, int length, float[] sums, float[] values, int at) {
        Arrays.fill(sums, 0, length, 0);
        int first = row * rank;
        int k = 0;
        for (; k + TOGETHER <= rank; k += TOGETHER) {
            addFour(first + k, k * columns + column, length, sums);
        }
        for (; k < rank; k++) {
            addOne(scaledUp[first + k], k * columns + column, length, sums);
        }
        add(sums, length, values, at);
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

    @Override
    public void release(long from, long count) {
        weight.release(from / Float.BYTES, count / Float.BYTES);
    }
}
