package dev.respec.model;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.kernels.Torch;
import dev.respec.model.vector.VectorDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a target's cache: keys and values of all layers and the features kept; float32, on a device in the type of its
 * steps.
 *
 * @param config architecture of the target
 * @param computeType of its steps: keys and values on vectors are padded
 * @param featureLayers number of layers whose inputs are kept
 */
public record CacheMemory(ModelConfig config, ComputeType computeType, int featureLayers) {
    /** Bytes of a cache once all of it is used; a page takes no memory before it is needed. */
    public long bytes(CacheSize size) {
        if (isPaged()) {
            return size.pages() * VectorDecoder.bytesPerPage(config, featureLayers);
        }
        long keyValues = 2L * config.layers() * config.keyValueHeads() * config.headDimension();
        long features = (long) featureLayers * config.hiddenSize();
        boolean half = computeType == ComputeType.BFLOAT16 && !Torch.device().isCpu();
        long columns = (long) size.wholeSlots() * size.capacity();
        return columns * (keyValues + features) * (half ? Short.BYTES : Float.BYTES);
    }

    /** Whether slots are made of pages; otherwise each slot is memory of its own. */
    public boolean isPaged() {
        return TargetModel.vectors(config, computeType);
    }

    /**
     * The largest cache within a bound: so many slots that share the pages that fit, or as many whole slots as fit.
     *
     * @return null if one sequence of full capacity does not fit
     */
    public @Nullable CacheSize within(long mostBytes, int slots, int capacity) {
        CacheSize one = CacheSize.whole(1, capacity);
        long bytesOfOne = bytes(one);
        if (bytesOfOne > mostBytes) {
            return null;
        }
        if (isPaged()) {
            long pages = mostBytes / (bytesOfOne / one.pages());
            return new CacheSize(slots, capacity, (int) Math.min(Integer.MAX_VALUE, pages));
        }
        return CacheSize.whole((int) Math.min(slots, mostBytes / bytesOfOne), capacity);
    }
}
