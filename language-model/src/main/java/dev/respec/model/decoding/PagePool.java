package dev.respec.model.decoding;

import java.util.BitSet;

/**
 * Pages of equal size, counted by who holds them: slots of a cache, and prefixes kept for later.
 *
 * <p>INVARIANT: a page is free exactly if nobody holds it. The free page with the lowest number is taken first, so that
 * memory that was never needed is never touched. Owned by one thread.
 */
public final class PagePool {
    private final int[] holders;
    private final BitSet free;
    private int freePages;

    public PagePool(int pages) {
        if (pages < 1) {
            throw new IllegalArgumentException("a cache needs at least one page, got " + pages);
        }
        holders = new int[pages];
        free = new BitSet(pages);
        free.set(0, pages);
        freePages = pages;
    }

    public int size() {
        return holders.length;
    }

    public int free() {
        return freePages;
    }

    public int inUse() {
        return holders.length - freePages;
    }

    /**
     * A free page, held once from now on.
     *
     * @throws IllegalStateException if there is none
     */
    int take() {
        if (freePages == 0) {
            throw new IllegalStateException("all " + holders.length + " pages of the key-value cache are in use");
        }
        int page = free.nextSetBit(0);
        free.clear(page);
        freePages--;
        holders[page] = 1;
        return page;
    }

    /** One more holder of a page that is in use. */
    void hold(int page) {
        requireHeld(page);
        holders[page]++;
    }

    /** One holder fewer; the last one frees the page. */
    void release(int page) {
        requireHeld(page);
        if (--holders[page] == 0) {
            free.set(page);
            freePages++;
        }
    }

    boolean isShared(int page) {
        return holders[page] > 1;
    }

    private void requireHeld(int page) {
        if (holders[page] == 0) {
            throw new IllegalStateException("page " + page + " of the key-value cache is held by nobody");
        }
    }
}
