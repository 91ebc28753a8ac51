package dev.respec.model.vector;

import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.PageTable;

/** The inputs of some layers by slot and column, side by side, in the pages of a table, for a drafter to read. */
final class KeptFeatures implements PageTable.Contents {
    private final int[] layers;
    private final int hidden;
    private final int width;
    private final PageTable table;
    /** By page; null for one that was never open. */
    private final float[][] kept;

    private float[] chosen = new float[0];

    /** @param layers whose inputs are kept, ascending; empty keeps nothing */
    KeptFeatures(int[] layers, int hidden, PageTable table) {
        this.layers = layers.clone();
        this.hidden = hidden;
        this.width = layers.length * hidden;
        this.table = table;
        this.kept = new float[width == 0 ? 0 : table.pool().size()][];
    }

    @Override
    public void opened(int page) {
        if (width > 0 && kept[page] == null) {
            kept[page] = new float[PageTable.COLUMNS * width];
        }
    }

    @Override
    public void copyPage(int source, int target) {
        if (width > 0) {
            System.arraycopy(kept[source], 0, kept[target], 0, PageTable.COLUMNS * width);
        }
    }

    private float[] page(int slot, int column) {
        return kept[table.page(slot, column)];
    }

    /** Of a column in its page. */
    private int at(int column) {
        return column % PageTable.COLUMNS * width;
    }

    /** Keeps a step's residual stream if a layer's input is wanted. */
    void keep(int layer, StepPlan step, float[] residual) {
        for (int part = 0; part < layers.length; part++) {
            if (layers[part] == layer) {
                for (int row = 0; row < step.rows(); row++) {
                    int column = step.column(row);
                    int to = at(column) + part * hidden;
                    System.arraycopy(residual, row * hidden, page(step.slot(row), column), to, hidden);
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
            int column = (int) targets[i];
            System.arraycopy(moved, i * width, page((int) slots[i], column), at(column), width);
        }
    }

    private void gather(long[] slots, long[] columns, float[] to) {
        for (int i = 0; i < slots.length; i++) {
            int column = (int) columns[i];
            System.arraycopy(page((int) slots[i], column), at(column), to, i * width, width);
        }
    }
}
