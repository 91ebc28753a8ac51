package dev.respec.generation.engine;

/** How sequences that begin alike hold their common columns. */
public enum Prefixes {
    /** Once for all of them. */
    TOGETHER,
    /** Each for itself: a step then reads as much memory as one of sequences with different prompts. */
    APART
}
