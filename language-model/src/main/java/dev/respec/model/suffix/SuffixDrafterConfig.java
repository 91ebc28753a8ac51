package dev.respec.model.suffix;

/**
 * Settings of a {@link SuffixDrafter}.
 *
 * @param maxDepth last tokens of a sequence that are looked up
 * @param window finished rollouts kept for each prompt, the newest
 * @param maxLength most tokens in a draft
 * @param maxTokens tokens kept over all prompts, about 100 bytes each; the least recently used prompts go first
 * @param options what a draft may look like
 */
public record SuffixDrafterConfig(int maxDepth, int window, int maxLength, long maxTokens, SuffixOptions options) {
    /** About 200 MB. */
    public static final long DEFAULT_MAX_TOKENS = 2_000_000;

    public SuffixDrafterConfig {
        if (maxDepth < 2 || window < 0 || maxLength < 1 || maxTokens < 0) {
            throw new IllegalArgumentException(
                    "suffix drafter: expected max-depth of at least 2, window of at least 0, max-length of at least 1 and"
                            + " max-tokens of at least 0, found %d, %d, %d, %d"
                                    .formatted(maxDepth, window, maxLength, maxTokens));
        }
    }

    public SuffixDrafterConfig(int maxDepth, int window, int maxLength) {
        this(maxDepth, window, maxLength, DEFAULT_MAX_TOKENS, SuffixOptions.DEFAULT);
    }

    public static SuffixDrafterConfig defaults() {
        return new SuffixDrafterConfig(32, 64, 16);
    }
}
