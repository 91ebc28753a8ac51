package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float32 values as bytes. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FloatBytes(float[] values) implements TensorBytes {
    @Override
    public long size() {
        return (long) values.length * Float.BYTES;
    }

    /** @param from a multiple of 4, as is count */
    @Override
    public ByteBuffer part(long from, int count) {
        var part = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        part.asFloatBuffer().put(values, Math.toIntExact(from / Float.BYTES), count / Float.BYTES);
        return part;
    }
}
