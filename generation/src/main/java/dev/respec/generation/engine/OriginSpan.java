package dev.respec.generation.engine;

/**
 * A run of consecutive response tokens that came the same way.
 *
 * @param source what proposed the draft that these tokens were part of, replaced or followed
 */
public record OriginSpan(Origin origin, DraftSource source, int tokenCount) {
    /** Where a token came from. */
    public enum Origin {
        /** The target's own, in a step without a draft for the sequence. */
        PLAIN,
        /** An accepted draft token. */
        DRAFTED,
        /** The target's own, in place of a rejected draft token. */
        RECOVERED,
        /** The target's own, after a draft that was accepted to its end. */
        BONUS
    }

    /** What proposed a draft. */
    public enum DraftSource {
        NONE,
        SUFFIX,
        EAGLE3_CHAIN,
        EAGLE3_TREE,
        MODEL,
        OTHER;

        static DraftSource of(String drafter, boolean tree) {
            return switch (drafter) {
                case SuffixDrafting.NAME -> SUFFIX;
                case Eagle3Drafting.NAME -> tree ? EAGLE3_TREE : EAGLE3_CHAIN;
                case ModelDrafting.NAME -> MODEL;
                default -> OTHER;
            };
        }
    }
}
