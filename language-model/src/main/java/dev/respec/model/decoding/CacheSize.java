package dev.respec.model.decoding;

/**
 * How large a target's key-value cache is.
 *
 * @param slots sequences that fit at once
 * @param capacity most tokens of a sequence, prompt and response together
 * @param pages of {@link PageTable#COLUMNS} tokens that all sequences share; at least one sequence of full capacity
 *     fits
 */
public record CacheSize(int slots, int capacity, int pages) {
    public CacheSize {
        if (slots < 1 || capacity < 1) {
            throw new IllegalArgumentException("a cache of " + slots + " slots of " + capacity + " tokens");
        }
        if (pages < PageTable.pagesOf(capacity)) {
            throw new IllegalArgumentException(pages + " pages do not hold one sequence of " + capacity + " tokens");
        }
        pages = (int) Math.min(pages, (long) slots * PageTable.pagesOf(capacity));
    }

    /** Room for full capacity in every slot at the same time. */
    public static CacheSize whole(int slots, int capacity) {
        return new CacheSize(slots, capacity, Math.multiplyExact(slots, PageTable.pagesOf(capacity)));
    }

    /** Slots of full capacity that fit into the pages: for a kernel whose slots are not made of pages. */
    public int wholeSlots() {
        return Math.max(1, pages / PageTable.pagesOf(capacity));
    }
}
