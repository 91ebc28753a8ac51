package dev.respec.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/**
 * A tensor in host memory, row-major and little-endian, as stored in a safetensors file. Immutable; the memory may be a
 * mapped file, which stays mapped for as long as the tensor is reachable.
 */
public final class HostTensor implements TensorSource {
    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer data;

    HostTensor(ElementType type, long[] shape, ByteBuffer data) {
        long expected = count(shape) * type.bytes();
        if (data.remaining() != expected) {
            throw new IllegalArgumentException("%s tensor of shape %s needs %d bytes, found %d"
                    .formatted(type, Arrays.toString(shape), expected, data.remaining()));
        }
        this.type = type;
        this.shape = shape.clone();
        this.data = data.slice().asReadOnlyBuffer();
    }

    public static HostTensor ofFloats(float[] values, long... shape) {
        var bytes = allocate(values.length, ElementType.FLOAT32);
        bytes.asFloatBuffer().put(values);
        return new HostTensor(ElementType.FLOAT32, shape, bytes);
    }

    /**
     * Encodes float32 values, each rounded to the nearest one that the element type has (ties to even).
     *
     * @param type float32 or bfloat16
     */
    public static HostTensor ofFloats(float[] values, ElementType type, long... shape) {
        if (type == ElementType.FLOAT32) {
            return ofFloats(values, shape);
        }
        if (type != ElementType.BFLOAT16) {
            throw new IllegalArgumentException("weights are written as float32 or bfloat16, not as " + type);
        }
        var bytes = allocate(values.length, type);
        for (int i = 0; i < values.length; i++) {
            bytes.putShort(2 * i, floatToBrain(values[i]));
        }
        return new HostTensor(type, shape, bytes);
    }

    public static HostTensor ofLongs(long[] values, long... shape) {
        var bytes = allocate(values.length, ElementType.INT64);
        bytes.asLongBuffer().put(values);
        return new HostTensor(ElementType.INT64, shape, bytes);
    }

    public static HostTensor ofBooleans(boolean[] values, long... shape) {
        var bytes = allocate(values.length, ElementType.BOOL);
        for (int i = 0; i < values.length; i++) {
            bytes.put(i, (byte) (values[i] ? 1 : 0));
        }
        return new HostTensor(ElementType.BOOL, shape, bytes);
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements; 1 for a scalar. */
    public long size() {
        return count(shape);
    }

    /** The bytes, read-only, little-endian, at position 0; every call returns an independent view. */
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Decodes a floating-point tensor to float32. Exact for float32, float16 and bfloat16.
     *
     * @throws CheckpointException if the elements are integers or booleans
     */
    public float[] toFloats() {
        var values = new float[Math.toIntExact(size())];
        var bytes = data();
        switch (type) {
            case FLOAT32 -> bytes.asFloatBuffer().get(values);
            case FLOAT64 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) bytes.getDouble(8 * i);
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
                }
            }
            case FLOAT16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = halfToFloat(bytes.getShort(2 * i));
                }
            }
            default -> throw new CheckpointException("expected a floating-point tensor, found " + type);
        }
        return values;
    }

    /**
     * Decodes elements from one on until the target is full, as {@link #toFloats} does.
     *
     * @throws CheckpointException if the elements are integers or booleans
     */
    public void copyFloats(long from, FloatBuffer target) {
        var bytes = data();
        int first = Math.toIntExact(from);
        int count = target.remaining();
        switch (type) {
            case FLOAT32 -> target.put(bytes.asFloatBuffer().slice(first, count));
            case BFLOAT16 -> {
                var halves = bytes.asShortBuffer();
                for (int i = first; i < first + count; i++) {
                    target.put(Float.intBitsToFloat(halves.get(i) << 16));
                }
            }
            case FLOAT16 -> {
                var halves = bytes.asShortBuffer();
                for (int i = first; i < first + count; i++) {
                    target.put(halfToFloat(halves.get(i)));
                }
            }
            case FLOAT64 -> {
                var doubles = bytes.asDoubleBuffer();
                for (int i = first; i < first + count; i++) {
                    target.put((float) doubles.get(i));
                }
            }
            default -> throw new CheckpointException("expected a floating-point tensor, found " + type);
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        var bytes = data();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Widens an integer or boolean tensor to int64.
     *
     * @throws CheckpointException if the elements are floating-point
     */
    public long[] toLongs() {
        var values = new long[Math.toIntExact(size())];
        var bytes = data();
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case INT64 -> bytes.getLong(8 * i);
                case INT32 -> bytes.getInt(4 * i);
                case INT16 -> bytes.getShort(2 * i);
                case INT8 -> bytes.get(i);
                case UINT8, BOOL -> bytes.get(i) & 0xff;
                default -> throw new CheckpointException("expected an integer tensor, found " + type);
            };
        }
        return values;
    }

    /** Whether type, shape and every byte are the same. */
    boolean sameAs(HostTensor other) {
        return type == other.type && Arrays.equals(shape, other.shape) && data.equals(other.data);
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    /** Elements of a shape. */
    public static long count(long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    private static ByteBuffer allocate(int elements, ElementType type) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** binary32 to bfloat16, to nearest, ties to even; not a number stays one. */
    static short floatToBrain(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** Rounds float32 values to bfloat16, to nearest, ties to even. */
    public static void putBrains(FloatBuffer values, ByteBuffer into) {
        while (values.hasRemaining()) {
            into.putShort(floatToBrain(values.get()));
        }
    }

    /** IEEE 754 binary16 to binary32. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1f;
        int mantissa = half & 0x3ff;
        if (exponent == 0) { // zero or subnormal: mantissa · 2^-24
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wideExponent = exponent == 31 ? 255 : exponent + 112;
        return Float.intBitsToFloat(sign | wideExponent << 23 | mantissa << 13);
    }
}
