package dev.respec.model.lora;

import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** W + scale · B · A as float32 bytes, computed part by part as they are read; the sum is never stored. */
final class MergedWeight implements TensorBytes {
    /** Ranks that are added in one pass. */
    private static final int TOGETHER = 4;

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

    /** @param from a multiple of 4, as is count */
    @Override
    public ByteBuffer part(long from, int count) {
        long first = from / Float.BYTES;
        var values = new float[count / Float.BYTES];
        weight.read(first, values, 0, values.length);
        var sums = new float[columns];
        for (int at = 0; at < values.length; ) {
            int row = (int) ((first + at) / columns);
            int column = (int) ((first + at) % columns);
            int length = Math.min(columns - column, values.length - at);
            addRow(row, column, length, sums, values, at);
            at += length;
        }
        var part = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        part.asFloatBuffer().put(values);
        return part;
    }

    private void addRow(int row, int column, int length, float[] sums, float[] values, int at) {
        Arrays.fill(sums, 0, length, 0);
        int first = row * rank;
        int k = 0;
        for (; k + TOGETHER <= rank; k += TOGETHER) {
            addFour(first + k, k * columns + column, length, sums);
        }
        for (; k < rank; k++) {
            float factor = scaledUp[first + k];
            int start = k * columns + column;
            for (int i = 0; i < length; i++) {
                sums[i] += factor * down[start + i];
            }
        }
        for (int i = 0; i < length; i++) {
            values[at + i] += sums[i];
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
