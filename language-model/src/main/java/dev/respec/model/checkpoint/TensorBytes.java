package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of one tensor, row-major and little-endian, wherever they are: a mapped file, the heap, another library's
 * memory. Their number may exceed what one buffer or array can hold, so they are read in parts. Safe for any thread.
 */
public interface TensorBytes {
    /** How many there are. */
    long size();

    /**
     * A part of the bytes, little-endian, from position 0 to the limit; a view or a copy, not to be written.
     *
     * @param from first byte
     * @param count at least 0
     */
    ByteBuffer part(long from, int count);

    /** Tells that a part has been read: memory that mirrors a file need not hold it any longer. It can be read again. */
    default void release(long from, long count) {}

    /** Bytes on the heap. */
    static TensorBytes of(ByteBuffer bytes) {
        ByteBuffer whole = bytes.slice().asReadOnlyBuffer();
        return new TensorBytes() {
            @Override
            public long size() {
                return whole.capacity();
            }

            @Override
            public ByteBuffer part(long from, int count) {
                return whole.slice(Math.toIntExact(from), count).order(ByteOrder.LITTLE_ENDIAN);
            }
        };
    }
}
