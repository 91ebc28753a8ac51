package dev.respec.generation.engine;

/**
 * Use of the target's key-value cache.
 *
 * @param pagesInUse held by sequences and kept prompts; 0 if slots are not made of pages
 * @param pages of the cache; 0 if slots are not made of pages
 * @param preemptions how often a sequence gave up its pages and waited again
 * @param reusedPromptTokens prompt tokens taken from a sibling or a kept prompt instead of being computed
 */
public record CacheUse(int pagesInUse, int pages, long preemptions, long reusedPromptTokens) {}
