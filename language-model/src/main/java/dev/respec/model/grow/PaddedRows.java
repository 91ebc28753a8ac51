package dev.respec.model.grow;

import dev.respec.model.checkpoint.ComputedFloats;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;

/**
 * Embeddings or a head [old rows, width] with rows for more tokens, computed as they are read: the rows of a vocabulary of
 * 152 thousand would not fit beside the model on a small heap.
 */
final class PaddedRows implements ComputedFloats {
    private static final double DEVIATION = 0.02;
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private final HostTensor old;
    private final int rows;
    private final int width;
    private final int place;
    private final float oldValue;
    private final float newValue;

    /**
     * @param place column that tells old tokens from new ones; those before it are zero in new rows, those behind it small
     *     random numbers, which are multiplied by zero
     * @param oldValue of old rows there
     * @param newValue of new rows there
     */
    PaddedRows(HostTensor old, int rows, int place, float oldValue, float newValue) {
        this.old = old;
        this.rows = rows;
        this.width = Math.toIntExact(old.shape()[1]);
        this.place = place;
        this.oldValue = oldValue;
        this.newValue = newValue;
    }

    /** As a tensor. */
    HostTensor tensor() {
        return new HostTensor(ElementType.FLOAT32, this, rows, width);
    }

    @Override
    public long size() {
        return (long) rows * width * Float.BYTES;
    }

    @Override
    public void read(long first, float[] to, int at, int count) {
        int present = (int) Math.max(0, Math.min(count, old.size() - first));
        old.read(first, to, at, present);
        for (int i = 0; i < count; i++) {
            int column = (int) ((first + i) % width);
            if (column == place) {
                to[at + i] = i < present ? oldValue : newValue;
            } else if (i >= present) {
                to[at + i] = column < place ? 0 : small(first + i);
            }
        }
    }

    /** Uniform, with the deviation of {@link WiderTensor}'s random numbers. */
    private static float small(long element) {
        long bits = element * GOLDEN_GAMMA;
        bits = (bits ^ bits >>> 32) * 0xd6e8feb86659fd93L;
        bits ^= bits >>> 32;
        return (float) ((bits >> 11) * 0x1p-52 * Math.sqrt(3) * DEVIATION);
    }

    @Override
    public void release(long from, long count) {
        long present = Math.min(count, old.size() * Float.BYTES - from);
        if (present > 0) {
            old.release(from / Float.BYTES, present / Float.BYTES);
        }
    }
}
