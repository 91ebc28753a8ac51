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

    /** A float64 array with a copy of the values. */
    public static NDArray of(NDManager owner, double[] values, long... shape) {
        NDArray array = empty(owner, DataType.FLOAT64, shape, values.length);
        if (values.length > 0) {
            bytes(array).asDoubleBuffer().put(values);
        }
        return array;
    }

    /** A floating-point tensor of a checkpoint as float32, of any size; decoded part by part, never whole on the heap. */
    public static NDArray of(NDManager owner, HostTensor tensor) {
        NDArray array = owner.create(new Shape(tensor.shape()), DataType.FLOAT32);
        decode(tensor, new NativeWindows(array), 0);
        return array;
    }

    /** Matrices of a checkpoint with the same number of columns, one below the other, as float32. */
    public static NDArray stacked(NDManager owner, HostTensor... matrices) {
        long rows = 0;
        for (HostTensor matrix : matrices) {
            rows += matrix.shape()[0];
        }
        NDArray array = owner.create(new Shape(rows, matrices[0].shape()[1]), DataType.FLOAT32);
        NativeWindows memory = new NativeWindows(array);
        long first = 0;
        for (HostTensor matrix : matrices) {
            decode(matrix, memory, first);
            first += matrix.size();
        }
        return array;
    }

    private static void decode(HostTensor tensor, NativeWindows to, long first) {
        float[] values = new float[(int) Math.min(CHUNK, tensor.size())];
        for (long done = 0; done < tensor.size(); done += values.length) {
            int count = (int) Math.min(values.length, tensor.size() - done);
            tensor.read(done, values, 0, count);
            tensor.release(done, count);
            to.write(first + done, values, count);
        }
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
        NativeWindows memory = new NativeWindows(array);
        for (long done = 0; done < memory.size(); done += CHUNK) {
            int count = (int) Math.min(CHUNK, memory.size() - done);
            memory.write(done, tensor.bytes().part(done, count));
            tensor.bytes().release(done, count);
        }
        return array;
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
