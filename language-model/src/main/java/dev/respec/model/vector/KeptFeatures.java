package dev.respec.model.vector;

import dev.respec.model.decoding.Features;

/** The inputs of some layers by slot and column, side by side, for a drafter to read. */
final class KeptFeatures {
    private final int[] layers;
    private final int hidden;
    private final int width;
    private final float[][] kept;
    private float[] chosen = new float[0];

    /**
     * @param layers whose inputs are kept, ascending; empty keeps nothing
     * @param capacity columns of a slot
     */
    KeptFeatures(int[] layers, int hidden, int slots, int capacity) {
        this.layers = layers.clone();
        this.hidden = hidden;
        this.width = layers.length * hidden;
        this.kept = new float[slots][capacity * width];
    }

    /** Keeps a step's residual stream if a layer's input is wanted. */
    void keep(int layer, StepPlan step, float[] residual) {
        for (int part = 0; part < layers.length; part++) {
            if (layers[part] == layer) {
                for (int row = 0; row < step.rows(); row++) {
                    int to = step.column(row) * width + part * hidden;
                    System.arraycopy(residual, row * hidden, kept[step.slot(row)], to, hidden);
                }
            }
        }
    }

    /** Rows of features, valid until the next call. */
    Features read(long[] slots, long[] columns) {
        chosen = Scratch.atLeast(chosen, slots.length * width);
        gather(slots, columns, chosen);
        return Features.of(chosen, slots.length, width);
    }

    /** Moves columns within their slots, all read before any is written. */
    void move(long[] slots, long[] sources, long[] targets) {
        if (width == 0) {
            return;
        }
        float[] moved = new float[slots.length * width];
        gather(slots, sources, moved);
        for (int i = 0; i < slots.length; i++) {
            System.arraycopy(moved, i * width, kept[(int) slots[i]], (int) targets[i] * width, width);
        }
    }

    private void gather(long[] slots, long[] columns, float[] to) {
        for (int i = 0; i < slots.length; i++) {
            System.arraycopy(kept[(int) slots[i]], (int) columns[i] * width, to, i * width, width);
        }
    }

    void copySlot(int source, int target, int length) {
        System.arraycopy(kept[source], 0, kept[target], 0, length * width);
    }
}
