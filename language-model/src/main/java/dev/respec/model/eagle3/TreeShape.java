package dev.respec.model.eagle3;

/**
 * How a draft tree grows (EAGLE-2, Li et al. 2024, arXiv 2406.16858).
 *
 * @param branching nodes expanded a level, and children of each
 * @param passes drafter passes after the first; the deepest node lies passes + 1 below the root
 * @param totalTokens nodes kept in the end, root included
 */
public record TreeShape(int branching, int passes, int totalTokens) {
    public TreeShape {
        int candidates = branching + passes * branching * branching;
        if (branching < 1 || passes < 0 || totalTokens < 2 || totalTokens - 1 > candidates) {
            throw new IllegalArgumentException(
                    "a tree of branching %d and %d passes has %d candidates: it cannot keep %d tokens"
                            .formatted(branching, passes, candidates, totalTokens));
        }
    }
}
