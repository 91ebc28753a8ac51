package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.WeightOrder;
import dev.respec.model.machine.NativeFloats;
import java.util.List;

/** Addresses of the float32 tensors of all layers, weights or gradients; valid while the arrays are open. */
final class LayerTensors {
    /** Places within a layer, see {@link WeightOrder}. */
    enum Tensor {
        INPUT_NORM,
        QUERY,
        KEY,
        VALUE,
        QUERY_BIAS,
        KEY_BIAS,
        VALUE_BIAS,
        OUT,
        QUERY_NORM,
        KEY_NORM,
        FEED_NORM,
        GATE,
        UP,
        DOWN
    }

    private final long[] addresses;

    /** @param arrays in the kernels' order; empty ones have no address */
    LayerTensors(List<NDArray> arrays, int layers) {
        addresses = new long[layers * WeightOrder.PER_LAYER];
        for (int place = 0; place < addresses.length; place++) {
            NDArray array = arrays.get(place);
            addresses[place] = array.size() == 0 ? 0 : NativeFloats.address(NativeArrays.floats(array));
        }
    }

    /** 0 for a tensor that the model lacks. */
    long address(int layer, Tensor tensor) {
        return addresses[layer * WeightOrder.PER_LAYER + tensor.ordinal()];
    }
}
