package dev.respec.model.training;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.TensorSource;
import dev.respec.model.kernels.NativeArrays;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.WritableByteChannel;

/** A tensor of a kernel, read in slices at the moment it is needed. Owned by the kernel's thread. */
final class LiveTensor implements TensorSource {
    private final PolicyKernel kernel;
    private final PolicyKernel.Part part;
    private final int place;
    private final ElementType type;
    private final long[] shape;

    /** @param type float32 or bfloat16, to which values are rounded (ties to even) */
    LiveTensor(PolicyKernel kernel, PolicyKernel.Part part, int place, ElementType type, long... shape) {
        this.kernel = kernel;
        this.part = part;
        this.place = place;
        this.type = type;
        this.shape = shape.clone();
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        long size = HostTensor.count(shape);
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(size, PolicyKernel.SLICE) * type.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < size; from += PolicyKernel.SLICE) {
            bytes.clear();
            readSlice(from, (int) Math.min(PolicyKernel.SLICE, size - from), bytes);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /** Leaves the buffer ready to be drained. */
    private void readSlice(long from, int count, ByteBuffer bytes) {
        try (NDManager scope = kernel.module().manager().newSubManager()) {
            FloatBuffer values = NativeArrays.floats(kernel.read(scope, part, place, from, count));
            if (type == ElementType.BFLOAT16) {
                HostTensor.putBrains(values, bytes);
            } else {
                bytes.asFloatBuffer().put(values);
                bytes.position(count * Float.BYTES);
            }
        }
        bytes.flip();
    }

    /** A float32 copy. */
    HostTensor copy() {
        float[] values = new float[Math.toIntExact(HostTensor.count(shape))];
        for (int from = 0; from < values.length; from += PolicyKernel.SLICE) {
            int count = Math.min(PolicyKernel.SLICE, values.length - from);
            try (NDManager scope = kernel.module().manager().newSubManager()) {
                NativeArrays.floats(kernel.read(scope, part, place, from, count)).get(values, from, count);
            }
        }
        return HostTensor.ofFloats(values, shape);
    }
}
