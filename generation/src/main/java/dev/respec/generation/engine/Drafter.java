package dev.respec.generation.engine;

import dev.respec.speculation.Setting;
import java.util.List;

/**
 * Proposes tokens for the target to verify. Whatever it proposes, what is emitted follows the target's distribution.
 *
 * <p>Called by the engine's thread alone. A drafter hears of every sequence and every emitted token, also while another
 * setting is in force.
 */
public interface Drafter extends AutoCloseable {
    /** Name that settings refer to it by. */
    String name();

    /** Version of its weights; 0 for one without. */
    default long version() {
        return 0;
    }

    /**
     * A sequence joined in a slot, its tokens but the last in the target's cache. One that has emitted tokens has been
     * here before: it gave up its slot unfinished.
     */
    default void begin(Sequence sequence, int slot) {}

    /** Tokens were emitted: the last count of {@link Sequence#tokens}. */
    default void emitted(Sequence sequence, int count) {}

    /** A sequence ended. */
    default void finish(Sequence sequence) {}

    /** The sequence of one slot now occupies another. */
    default void moveSlot(int from, int to) {}

    /** No sequence occupies a slot any more. */
    default void leave(int slot) {}

    /**
     * Proposes a chain or a tree of the setting's size for each sequence, no path longer than {@link Sequence#draftRoom}.
     *
     * @param active in slot order
     */
    void draft(List<Sequence> active, Setting setting, Drafts drafts);

    @Override
    default void close() {}
}
