package dev.respec.model.training;

import dev.respec.model.checkpoint.ModelConfig;

/**
 * Widths of a layer, in floats.
 *
 * @param hidden of the residual stream
 * @param queries of all query heads
 * @param keys of all key heads, and of all value heads
 * @param inner of the gate, and of up
 */
record LayerShape(int hidden, int queries, int keys, int inner, int heads, int keyValueHeads, int dimension) {
    static LayerShape of(ModelConfig config) {
        return new LayerShape(
                config.hiddenSize(),
                config.heads() * config.headDimension(),
                config.keyValueHeads() * config.headDimension(),
                config.intermediateSize(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension());
    }

    /** Queries, keys and values side by side. */
    int mixed() {
        return queries + 2 * keys;
    }

    /** Gate and up side by side. */
    int doors() {
        return 2 * inner;
    }

    /** Query heads that share a key head. */
    int group() {
        return heads / keyValueHeads;
    }

    /** Floats kept of each token for a layer's gradient. */
    int kept() {
        return 2 * hidden + mixed() + queries + doors() + 2 * heads;
    }
}
