package dev.respec.model.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Arrays whose memory belongs to the native library, the only kind that a kernel may be given.
 *
 * <p>DJL's {@code NDManager.create} with data makes a tensor over a Java buffer and drops the buffer when the array is
 * closed. Whatever a kernel still holds of such a tensor then lies in memory that the garbage collector gives back. The
 * native library counts the references to memory of its own.
 */
public final class NativeArrays {
    /** Elements or bytes copied at once. */
    private static final int CHUNK = 1 << 20;

    private NativeArrays() {}

    /** A float32 vector. */
    public static NDArray of(NDManager owner, float[] values) {
        return of(owner, values, values.length);
    }

    /** A float32 array with a copy of the values; an empty shape makes a scalar. */
    public static NDArray of(NDManager owner, float[] values, long... shape) {
        NDArray array = empty(owner, DataType.FLOAT32, shape, values.length);
        if (values.length > 0) {
            floats(array).put(values);
        }
        return array;
    }

    /** An int64 vector. */
    public static NDArray of(NDManager owner, long[] values) {
        return of(owner, values, values.length);
    }

    /** An int64 array with a copy of the values. */
    public static NDArray of(NDManager owner, long[] values, long... shape) {
        NDArray array = empty(owner, DataType.INT64, shape, values.length);
        if (values.length > 0) {
            bytes(array).asLongBuffer().put(values);
        }
        return array;
    }

    /** A floating-point tensor of a checkpoint as float32, of any size; decoded part by part, never whole on the heap. */
    public static NDArray of(NDManager owner, HostTensor tensor) {
        NDArray array = owner.create(new Shape(tensor.shape()), DataType.FLOAT32);
        float[] values = new float[(int) Math.min(CHUNK, tensor.size())];
        long first = 0;
        for (ByteBuffer window : NativeWindows.of(array)) {
            FloatBuffer floats = window.asFloatBuffer();
            while (floats.hasRemaining()) {
                int count = Math.min(values.length, floats.remaining());
                tensor.read(first, values, 0, count);
                tensor.release(first, count);
                floats.put(values, 0, count);
                first += count;
            }
        }
        return array;
    }

    /**
     * A floating-point tensor of a checkpoint for a kernel that computes in bfloat16: a bfloat16 tensor stays as it is
     * stored, as bytes whose last dimension is twice as long, to be viewed as bfloat16 by the kernel; any other becomes
     * float32. The binding has no bfloat16 arrays.
     */
    public static NDArray stored(NDManager owner, HostTensor tensor) {
        if (tensor.type() != ElementType.BFLOAT16) {
            return of(owner, tensor);
        }
        long[] shape = tensor.shape();
        shape[shape.length - 1] *= Short.BYTES;
        NDArray array = owner.create(new Shape(shape), DataType.UINT8);
        long first = 0;
        for (ByteBuffer window : NativeWindows.of(array)) {
            while (window.hasRemaining()) {
                int count = Math.min(CHUNK, window.remaining());
                window.put(tensor.bytes().part(first, count));
                tensor.bytes().release(first, count);
                first += count;
            }
        }
        return array;
    }

    /**
     * A tensor over the memory of a contiguous float32 array, of any size; valid while the array is open, and as it is
     * when it is read.
     */
    public static HostTensor view(NDArray array) {
        return view(array, ElementType.FLOAT32, array.getShape().getShape());
    }

    /** A bfloat16 tensor over bytes as {@link #stored} makes them; valid as those of {@link #view(NDArray)}. */
    public static HostTensor viewBfloat16(NDArray array) {
        long[] shape = array.getShape().getShape().clone();
        shape[shape.length - 1] /= Short.BYTES;
        return view(array, ElementType.BFLOAT16, shape);
    }

    private static HostTensor view(NDArray array, ElementType type, long[] shape) {
        return new HostTensor(type, new NativeWindows(array), shape);
    }

    /** A zeroed float32 vector, to be filled and read through {@link #floats}. */
    public static NDArray zeros(NDManager owner, int count) {
        return owner.zeros(new Shape(count), DataType.FLOAT32);
    }

    /** The memory of a contiguous, non-empty float32 array; not to be used after the array is closed. */
    public static FloatBuffer floats(NDArray array) {
        return bytes(array).asFloatBuffer();
    }

    private static ByteBuffer bytes(NDArray array) {
        return array.toByteBuffer(true);
    }

    private static NDArray empty(NDManager owner, DataType type, long[] shape, int count) {
        Shape dimensions = new Shape(shape);
        if (dimensions.size() != count) {
            throw new IllegalArgumentException(
                    "%d values do not fill an array of shape %s".formatted(count, dimensions));
        }
        return owner.create(dimensions, type);
    }
}
