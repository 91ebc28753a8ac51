package dev.respec.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.NullMarked;

/** Numeric arrays as packed little-endian bytes, four bytes per element, the layout of every packed field. */
@NullMarked
public final class PackedArrays {
    private PackedArrays() {}

    public static ByteBuffer ofInts(int[] values) {
        var bytes = allocate(values.length);
        bytes.asIntBuffer().put(values);
        return bytes;
    }

    public static ByteBuffer ofFloats(float[] values) {
        var bytes = allocate(values.length);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    /**
     * The ints between position and limit; both stay where they are.
     *
     * @throws IllegalArgumentException if the bytes are not a multiple of four
     */
    public static int[] toInts(ByteBuffer bytes) {
        var values = new int[elements(bytes)];
        view(bytes).asIntBuffer().get(values);
        return values;
    }

    /**
     * The floats between position and limit; both stay where they are.
     *
     * @throws IllegalArgumentException if the bytes are not a multiple of four
     */
    public static float[] toFloats(ByteBuffer bytes) {
        var values = new float[elements(bytes)];
        view(bytes).asFloatBuffer().get(values);
        return values;
    }

    /** Number of four-byte elements between position and limit. */
    public static int elements(ByteBuffer bytes) {
        if (bytes.remaining() % Integer.BYTES != 0) {
            throw new IllegalArgumentException(
                    "packed array of " + bytes.remaining() + " bytes: not a multiple of " + Integer.BYTES);
        }
        return bytes.remaining() / Integer.BYTES;
    }

    private static ByteBuffer allocate(int elements) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer view(ByteBuffer bytes) {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
