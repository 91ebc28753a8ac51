package dev.respec.model.decoding;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.kernels.NativeArrays;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Feature vectors of positions, [N, width] float32, on the side where the target computed them: no copy until one is asked
 * for.
 */
public final class Features {
    private final @Nullable NDArray array;
    private final float[] values;
    private final int count;
    private final int width;

    private Features(@Nullable NDArray array, float[] values, int count, int width) {
        this.array = array;
        this.values = values;
        this.count = count;
        this.width = width;
    }

    /** @param array float32, width its last dimension; lives as long as its owner */
    public static Features of(NDArray array) {
        long[] shape = array.getShape().getShape();
        int width = (int) shape[shape.length - 1];
        return new Features(array, new float[0], (int) (array.size() / width), width);
    }

    /** @param values the first count rows count; not copied */
    public static Features of(float[] values, int count, int width) {
        return new Features(null, values, count, width);
    }

    /** Row after row; what follows the last row has no meaning. */
    public float[] values() {
        return array == null ? values : array.toDevice(Device.cpu(), false).toFloatArray();
    }

    /** Owned by the manager, or by whoever owned it before. */
    public NDArray array(NDManager owner) {
        if (array != null) {
            return array;
        }
        float[] exactly = values.length == count * width ? values : Arrays.copyOf(values, count * width);
        return NativeArrays.of(owner, exactly, count, width);
    }
}
