package dev.respec.model.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
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

    /** A floating-point tensor of a checkpoint as float32. */
    public static NDArray of(NDManager owner, HostTensor tensor) {
        return of(owner, tensor.toFloats(), tensor.shape());
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
