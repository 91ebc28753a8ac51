package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.PageTable;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the next computation fits into the target's pages. Prompts kept for later make room for it. A target
 * whose slots are not made of pages has room for every sequence in its slot.
 */
final class CacheRoom {
    private final @Nullable PageTable pages;
    private final KeptPrompts kept;

    CacheRoom(TargetModel target, KeptPrompts kept) {
        this.pages = target.pages();
        this.kept = kept;
    }

    /**
     * Whether columns from (inclusive) to (exclusive) of the slot behind the active ones fit, beside one more token of each
     * active sequence.
     *
     * @param spare pages that must stay free
     */
    boolean fits(List<Sequence> active, int from, int to, int spare) {
        return pages == null
                || isFree(pages, table -> table.missing(active.size(), from, to) + missing(table, active) + spare);
    }

    /** Whether every active sequence can take one more token. */
    boolean fitsOneMore(List<Sequence> active) {
        return pages == null || isFree(pages, table -> missing(table, active));
    }

    private boolean isFree(PageTable table, ToIntFunction<PageTable> wanted) {
        while (table.pool().free() < wanted.applyAsInt(table)) {
            if (!kept.giveUpOldest()) {
                return false;
            }
        }
        return true;
    }

    private static int missing(PageTable table, List<Sequence> active) {
        int missing = 0;
        for (int slot = 0; slot < active.size(); slot++) {
            int length = active.get(slot).length();
            missing += table.missing(slot, length - 1, length);
        }
        return missing;
    }

    /**
     * Shortens chains and drops trees that no pages are left for. How much of a draft is cut depends only on the other
     * sequences and the pages, never on its own tokens, so that samples keep their distribution.
     */
    void fit(Drafts drafts, List<Sequence> active) {
        PageTable table = pages;
        if (table == null || isFree(table, each -> missing(each, active, drafts))) {
            return;
        }
        int spare = table.pool().free() - missing(table, active);
        for (int slot = 0; slot < active.size(); slot++) {
            int length = active.get(slot).length();
            int plain = table.missing(slot, length - 1, length);
            int count = drafts.count(slot);
            while (table.missing(slot, length - 1, length + count) - plain > spare) {
                count = drafts.isTree(slot) ? 0 : count - 1;
            }
            spare -= table.missing(slot, length - 1, length + count) - plain;
            drafts.cut(slot, count);
        }
    }

    private static int missing(PageTable table, List<Sequence> active, Drafts drafts) {
        int missing = 0;
        for (int slot = 0; slot < active.size(); slot++) {
            int length = active.get(slot).length();
            missing += table.missing(slot, length - 1, length + drafts.count(slot));
        }
        return missing;
    }
}
