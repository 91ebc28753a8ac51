package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in host memory, row-major, as stored in a safetensors file. Immutable; any number of elements. The memory may be
 * a mapped file, which stays mapped for as long as the tensor is reachable.
 */
public final class HostTensor {
    /** Elements handled at once where a whole tensor is read. */
    private static final int CHUNK = 1 << 20;

    private final ElementType type;
    private final long[] shape;
    private final TensorBytes bytes;

    /** A tensor over bytes that do not change. */
    public HostTensor(ElementType type, TensorBytes bytes, long... shape) {
        long expected = Math.multiplyExact(count(shape), (long) type.bytes());
        if (bytes.size() != expected) {
            throw new IllegalArgumentException("%s tensor of shape %s needs %d bytes, found %d"
                    .formatted(type, Arrays.toString(shape), expected, bytes.size()));
        }
        this.type = type;
        this.shape = shape.clone();
        this.bytes = bytes;
    }

    public static HostTensor ofFloats(float[] values, long... shape) {
        return new HostTensor(ElementType.FLOAT32, new FloatBytes(values.clone()), shape);
    }

    /**
     * Encodes float32 values, each rounded to the nearest one that the element type has (ties to even).
     *
     * @param type float32, float16 or bfloat16
     */
    public static HostTensor ofFloats(float[] values, ElementType type, long... shape) {
        return ofFloats(values, shape).as(type);
    }

    public static HostTensor ofLongs(long[] values, long... shape) {
        var bytes = allocate(values.length, ElementType.INT64);
        bytes.asLongBuffer().put(values);
        return new HostTensor(ElementType.INT64, TensorBytes.of(bytes), shape);
    }

    public static HostTensor ofBooleans(boolean[] values, long... shape) {
        var bytes = allocate(values.length, ElementType.BOOL);
        for (int i = 0; i < values.length; i++) {
            bytes.put(i, (byte) (values[i] ? 1 : 0));
        }
        return new HostTensor(ElementType.BOOL, TensorBytes.of(bytes), shape);
    }

    /**
     * The same values in another floating-point type, each rounded to the nearest one that it has (ties to even), while they
     * are read: nothing is stored twice.
     *
     * @throws CheckpointException if the elements are integers or booleans
     */
    public HostTensor as(ElementType wanted) {
        if (type == wanted) {
            return this;
        }
        return new HostTensor(wanted, new ConvertedBytes(this, wanted), shape);
    }

    public ElementType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements; 1 for a scalar. */
    public long size() {
        return count(shape);
    }

    /** The bytes as stored. */
    public TensorBytes bytes() {
        return bytes;
    }

    /**
     * Decodes some elements of a floating-point tensor to float32. Exact for float32, float16 and bfloat16.
     *
     * @param first of the elements, counted row after row
     * @throws CheckpointException if the elements are integers or booleans
     */
    public void read(long first, float[] to, int at, int count) {
        if (bytes instanceof ComputedFloats computed && type == ElementType.FLOAT32) {
            computed.read(first, to, at, count);
            return;
        }
        for (int done = 0, now; done < count; done += now) {
            now = Math.min(CHUNK, count - done);
            var part = bytes.part((first + done) * type.bytes(), now * type.bytes());
            FloatFormats.decode(type, part, to, at + done, now);
        }
    }

    /**
     * Reads some elements of a floating-point tensor as bits of bfloat16, rounded to the nearest (ties to even).
     *
     * @throws CheckpointException if the elements are integers or booleans
     */
    public void readBfloat16(long first, short[] to, int at, int count) {
        if (type == ElementType.BFLOAT16) {
            bytes.part(first * Short.BYTES, count * Short.BYTES).asShortBuffer().get(to, at, count);
            return;
        }
        var values = new float[count];
        read(first, values, 0, count);
        for (int i = 0; i < count; i++) {
            to[at + i] = FloatFormats.toBfloat16(values[i]);
        }
    }

    /** Tells that some elements have been read and their memory may go, if a file has them too. */
    public void release(long first, long count) {
        bytes.release(first * type.bytes(), count * type.bytes());
    }

    /**
     * Decodes a floating-point tensor of less than 2^31 elements to float32.
     *
     * @throws CheckpointException if the elements are integers or booleans
     */
    public float[] toFloats() {
        var values = new float[Math.toIntExact(size())];
        for (int done = 0, now; done < values.length; done += now) {
            now = Math.min(CHUNK, values.length - done);
            read(done, values, done, now);
            release(done, now);
        }
        if (values.length == 0 && !type.isFloating()) {
            throw FloatFormats.notFloating(type);
        }
        return values;
    }

    /**
     * Widens an integer or boolean tensor to int64.
     *
     * @throws CheckpointException if the elements are floating-point
     */
    public long[] toLongs() {
        var values = new long[Math.toIntExact(size())];
        for (int done = 0, now; done < values.length; done += now) {
            now = Math.min(CHUNK, values.length - done);
            widen(bytes.part((long) done * type.bytes(), now * type.bytes()), values, done, now);
        }
        return values;
    }

    private void widen(ByteBuffer part, long[] values, int at, int count) {
        for (int i = 0; i < count; i++) {
            values[at + i] = switch (type) {
                case INT64 -> part.getLong(8 * i);
                case INT32 -> part.getInt(4 * i);
                case INT16 -> part.getShort(2 * i);
                case INT8 -> part.get(i);
                case UINT8, BOOL -> part.get(i) & 0xff;
                default -> throw new CheckpointException("expected an integer tensor, found " + type);
            };
        }
    }

    /** Whether type, shape and every byte are the same. */
    public boolean sameAs(HostTensor other) {
        if (type != other.type || !Arrays.equals(shape, other.shape)) {
            return false;
        }
        for (long from = 0; from < bytes.size(); from += CHUNK) {
            int count = (int) Math.min(CHUNK, bytes.size() - from);
            boolean same = bytes.part(from, count).equals(other.bytes.part(from, count));
            bytes.release(from, count);
            other.bytes.release(from, count);
            if (!same) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    static long count(long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    private static ByteBuffer allocate(int elements, ElementType type) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }
}
