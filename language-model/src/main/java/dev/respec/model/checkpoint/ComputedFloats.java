package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float32 elements that are computed whenever they are read, and taken without a detour through bytes. */
public interface ComputedFloats extends TensorBytes {
    /**
     * Computes some elements; the same bits however they are divided into calls.
     *
     * @param first of the elements, counted row after row
     */
    void read(long first, float[] to, int at, int count);

    /** @param from a multiple of 4, as is count */
    @Override
    default ByteBuffer part(long from, int count) {
        var values = new float[count / Float.BYTES];
        read(from / Float.BYTES, values, 0, values.length);
        var part = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        part.asFloatBuffer().put(values);
        return part;
    }
}
