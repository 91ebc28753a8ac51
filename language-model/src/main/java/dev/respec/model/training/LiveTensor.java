package dev.respec.model.training;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.TensorBytes;
import dev.respec.model.kernels.NativeArrays;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Part of a tensor that a kernel holds, float32, as it is at the moment of reading. For the kernel's thread alone.
 *
 * @param size bytes
 */
record LiveTensor(TrainableKernel kernel, TrainableKernel.Part part, int place, long size) implements TensorBytes {
    static HostTensor of(TrainableKernel kernel, TrainableKernel.Part part, int place, long... shape) {
        long size = Float.BYTES * new Shape(shape).size();
        return new HostTensor(ElementType.FLOAT32, new LiveTensor(kernel, part, place, size), shape);
    }

    /** @param from a multiple of 4, as is count */
    @Override
    public ByteBuffer part(long from, int count) {
        var bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        try (NDManager scope = kernel.scope()) {
            var values = kernel.read(scope, part, place, from / Float.BYTES, count / Float.BYTES);
            if (values.size() > 0) {
                bytes.asFloatBuffer().put(NativeArrays.floats(values));
            }
        }
        return bytes;
    }
}
