package dev.respec.model.decoding;

/** The pages of a prefix, held beside the slots until {@link PageTable#release(HeldPages)}. */
public final class HeldPages {
    final int[] pages;
    private final int columns;
    boolean released;

    HeldPages(int[] pages, int columns) {
        this.pages = pages;
        this.columns = columns;
    }

    /** Columns that are valid. */
    public int columns() {
        return columns;
    }
}
