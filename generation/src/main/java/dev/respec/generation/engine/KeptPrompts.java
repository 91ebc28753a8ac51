package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.HeldPages;
import dev.respec.model.decoding.PageTable;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Columns of prompts that stay in the target's cache after they were computed, for requests that begin with the same
 * tokens: the pages of the last prompts, or, if slots are not made of pages, what the slot behind the active ones still
 * holds.
 *
 * <p>INVARIANT: all of them were computed under the weights in force.
 */
final class KeptPrompts {
    /** Most prompts kept. */
    private static final int MOST = 16;

    private final @Nullable PageTable pages;
    /** The most recently used one is last. */
    private final Deque<Kept> prompts = new ArrayDeque<>();

    private @Nullable Sequence left;

    @SuppressWarnings("ArrayRecordComponent") // compared by Arrays.mismatch alone
    private record Kept(int[] tokens, HeldPages held) {}

    KeptPrompts(TargetModel target) {
        this.pages = target.pages();
    }

    /** A prompt's columns are in a slot. */
    void computed(Sequence sequence, int slot) {
        int columns = sequence.promptLength() - 1;
        if (pages == null || columns == 0) {
            return;
        }
        int[] tokens = Arrays.copyOf(sequence.tokens(), columns);
        Kept known = take(tokens);
        prompts.addLast(known == null ? new Kept(tokens, pages.hold(slot, columns)) : known);
        if (prompts.size() > MOST) {
            giveUpOldest();
        }
    }

    /** The kept prompt of exactly these tokens, no longer among them; null if there is none. */
    private @Nullable Kept take(int[] tokens) {
        for (Iterator<Kept> each = prompts.iterator(); each.hasNext(); ) {
            Kept kept = each.next();
            if (Arrays.equals(kept.tokens(), tokens)) {
                each.remove();
                return kept;
            }
        }
        return null;
    }

    /** The slot behind the active ones has become free and still holds the columns of a sequence. */
    void leftBehind(@Nullable Sequence sequence) {
        left = pages == null ? sequence : null;
    }

    /**
     * Gives the slot behind the active ones the columns of a prompt that begins like the sequence.
     *
     * @return how many columns those are
     */
    int reuse(Sequence sequence, int slot) {
        if (pages == null) {
            int columns = left == null ? 0 : common(left.tokens(), left.length() - 1, sequence);
            left = null;
            return columns;
        }
        Kept best = null;
        int most = 0;
        for (Kept kept : prompts) {
            int columns = common(kept.tokens(), kept.held().columns(), sequence);
            if (columns > most) {
                most = columns;
                best = kept;
            }
        }
        if (best != null) {
            pages.share(best.held(), slot, most);
        }
        return most;
    }

    /** Columns with which a sequence begins, too; its last token's is not one of them. */
    private static int common(int[] tokens, int columns, Sequence sequence) {
        int most = Math.min(columns, sequence.length() - 1);
        int same = Arrays.mismatch(tokens, 0, most, sequence.tokens(), 0, most);
        return same < 0 ? most : same;
    }

    /** Gives back the pages of the prompt that was used longest ago; false if there is none. */
    boolean giveUpOldest() {
        if (pages == null || prompts.isEmpty()) {
            return false;
        }
        pages.release(prompts.removeFirst().held());
        return true;
    }

    /** New weights: everything computed before is useless. */
    void forget() {
        left = null;
        while (giveUpOldest()) {}
    }
}
