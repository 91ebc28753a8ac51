package dev.respec.model.decoding;

import java.util.Arrays;

/**
 * Which pages hold the columns of each slot of a cache. A slot gets pages as its sequence grows; slots with a common
 * prefix share its pages, and the first of them that writes to a shared page gets a copy of its own.
 *
 * <p>INVARIANT: page i of a slot holds its columns i * {@link #COLUMNS} and following. Owned by one thread; others may
 * read while nothing changes.
 */
public final class PageTable {
    /** Columns of a page: those of a block of keys in machine code, and whole vectors everywhere. */
    public static final int COLUMNS = 16;

    private static final int[] NONE = {};

    private final PagePool pool;
    private final int[][] pages;
    private final int[] counts;

    /** The contents of the pages. */
    public interface Contents {
        /** A page has been taken; what it holds has no meaning yet. */
        void opened(int page);

        /** Copies all of one page to another. */
        void copyPage(int source, int target);
    }

    public PageTable(int slots, PagePool pool) {
        this.pool = pool;
        this.pages = new int[slots][];
        Arrays.fill(pages, NONE);
        this.counts = new int[slots];
    }

    /** A table in which every slot can have so many columns at the same time. */
    public static PageTable whole(int slots, int capacity) {
        return new PageTable(slots, new PagePool(Math.multiplyExact(slots, pagesOf(capacity))));
    }

    /** Number of pages that so many columns take. */
    public static int pagesOf(int columns) {
        return (columns + COLUMNS - 1) / COLUMNS;
    }

    public PagePool pool() {
        return pool;
    }

    /** Pages of a slot, of which the first {@link #count} count; not to be changed. */
    public int[] pages(int slot) {
        return pages[slot];
    }

    public int count(int slot) {
        return counts[slot];
    }

    /** Page of a column. */
    public int page(int slot, int column) {
        return pages[slot][column / COLUMNS];
    }

    /**
     * Makes columns from (inclusive) to (exclusive) writable: pages that are missing are taken, shared ones copied.
     *
     * @throws IllegalStateException if pages run out, see {@link #missing}
     */
    public void open(int slot, int from, int to, Contents contents) {
        int wanted = pagesOf(to);
        if (pages[slot].length < wanted) {
            pages[slot] = Arrays.copyOf(pages[slot], Math.max(wanted, 2 * pages[slot].length));
        }
        int[] own = pages[slot];
        for (int i = from / COLUMNS; i < Math.min(wanted, counts[slot]); i++) {
            if (pool.isShared(own[i])) {
                int copy = pool.take();
                contents.opened(copy);
                contents.copyPage(own[i], copy);
                pool.release(own[i]);
                own[i] = copy;
            }
        }
        while (counts[slot] < wanted) {
            int page = pool.take();
            contents.opened(page);
            own[counts[slot]++] = page;
        }
    }

    /** Pages that {@link #open} would take. */
    public int missing(int slot, int from, int to) {
        int wanted = pagesOf(to);
        int missing = Math.max(0, wanted - counts[slot]);
        for (int i = from / COLUMNS; i < Math.min(wanted, counts[slot]); i++) {
            missing += pool.isShared(pages[slot][i]) ? 1 : 0;
        }
        return missing;
    }

    /** The target slot gets the first columns of the source slot by reference, in place of its own. */
    public void share(int source, int target, int columns) {
        if (source != target) {
            refer(target, pages[source], Math.min(pagesOf(columns), counts[source]));
        }
    }

    /** The slot gets the first columns of a prefix by reference, in place of its own. */
    public void share(HeldPages source, int target, int columns) {
        requireHeld(source);
        refer(target, source.pages, Math.min(pagesOf(columns), source.pages.length));
    }

    private void refer(int target, int[] from, int count) {
        // held before released: both may be the same pages
        for (int i = 0; i < count; i++) {
            pool.hold(from[i]);
        }
        release(target);
        pages[target] = Arrays.copyOf(from, count);
        counts[target] = count;
    }

    /** Holds the pages of a slot's first columns. */
    public HeldPages hold(int slot, int columns) {
        int[] held = Arrays.copyOf(pages[slot], Math.min(pagesOf(columns), counts[slot]));
        for (int page : held) {
            pool.hold(page);
        }
        return new HeldPages(held, columns);
    }

    public void release(HeldPages held) {
        requireHeld(held);
        held.released = true;
        for (int page : held.pages) {
            pool.release(page);
        }
    }

    private static void requireHeld(HeldPages held) {
        if (held.released) {
            throw new IllegalStateException("the pages of this prefix were given back");
        }
    }

    /** Gives back all pages of a slot. */
    public void release(int slot) {
        truncate(slot, 0);
    }

    /** Gives back the pages after the first columns. */
    public void truncate(int slot, int columns) {
        int kept = Math.min(pagesOf(columns), counts[slot]);
        for (int i = kept; i < counts[slot]; i++) {
            pool.release(pages[slot][i]);
        }
        counts[slot] = kept;
    }
}
