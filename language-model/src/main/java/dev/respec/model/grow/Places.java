package dev.respec.model.grow;

import dev.respec.model.checkpoint.ModelConfig;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where a layer's old rows and columns go: the old index at each new one, {@link HeadPlacement#NONE} for none.
 *
 * @param hidden of the residual stream
 * @param queries of the query heads, head after head
 * @param keys of the key and value heads, head after head
 * @param inner of the feed-forward
 * @param head within a head
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Places(int[] hidden, int[] queries, int[] keys, int[] inner, int[] head) {

    /** A layer of the old model. */
    static Places kept(ModelConfig from, ModelConfig to) {
        var heads = HeadPlacement.of(from.heads(), from.keyValueHeads(), to.heads(), to.keyValueHeads());
        int dimension = from.headDimension();
        return new Places(
                padded(from.hiddenSize(), to.hiddenSize()),
                heads.queryRows(dimension),
                heads.keyRows(dimension),
                padded(from.intermediateSize(), to.intermediateSize()),
                padded(dimension, dimension));
    }

    /** A layer with nothing of the old model in it. */
    Places added() {
        return new Places(
                padded(0, hidden.length),
                padded(0, queries.length),
                padded(0, keys.length),
                padded(0, inner.length),
                padded(0, head.length));
    }

    /** The first places are the old ones. */
    static int[] padded(int old, int size) {
        int[] places = new int[size];
        Arrays.setAll(places, i -> i < old ? i : HeadPlacement.NONE);
        return places;
    }

    /** As many padded blocks, one behind the other, as an input that is a concatenation has parts. */
    static int[] paddedBlocks(int blocks, int old, int size) {
        return IntStream.range(0, blocks * size)
                .map(i -> i % size < old ? i / size * old + i % size : HeadPlacement.NONE)
                .toArray();
    }
}
