package dev.respec.model.grow;

import java.util.Arrays;

/**
 * Where the old layers go among the new ones; between them, layers that add nothing. What EAGLE-3 reads by default, the
 * inputs of layers 2, n/2 and n - 3, stays what it was wherever these are three different layers.
 */
final class LayerPlacement {
    private final int[] positions;
    private final int layers;

    private LayerPlacement(int[] positions, int layers) {
        this.positions = positions;
        this.layers = layers;
    }

    /** @param layers at least as many as there are */
    static LayerPlacement of(int oldLayers, int layers) {
        int[] positions = new int[oldLayers];
        if (oldLayers < 7) {
            spread(positions, 0, oldLayers, 0, layers);
        } else {
            spread(positions, 0, 2, 0, 2);
            spread(positions, 2, oldLayers / 2, 2, layers / 2);
            spread(positions, oldLayers / 2, oldLayers - 3, layers / 2, layers - 3);
            spread(positions, oldLayers - 3, oldLayers, layers - 3, layers);
        }
        return new LayerPlacement(positions, layers);
    }

    private static void spread(int[] positions, int oldFrom, int oldTo, int from, int to) {
        for (int layer = oldFrom; layer < oldTo; layer++) {
            positions[layer] = from + (layer - oldFrom) * (to - from) / (oldTo - oldFrom);
        }
    }

    /** The new index of an old layer; its input is what it was. */
    int position(int oldLayer) {
        return positions[oldLayer];
    }

    /** The old layer at each new index, {@link HeadPlacement#NONE} for one that adds nothing. */
    int[] oldLayers() {
        int[] old = new int[layers];
        Arrays.fill(old, HeadPlacement.NONE);
        for (int layer = 0; layer < positions.length; layer++) {
            old[positions[layer]] = layer;
        }
        return old;
    }
}
