package dev.respec.model.eagle3;

import org.jspecify.annotations.Nullable;

/**
 * A chain of drafts for each of B sequences. The arrays belong to the receiver.
 */
public final class ChainDraft {
    private final int[] tokens;
    private final int draftLength;
    private final float @Nullable [] probabilities;
    private final int draftVocabularySize;

    ChainDraft(int[] tokens, int draftLength, float @Nullable [] probabilities, int draftVocabularySize) {
        this.tokens = tokens;
        this.draftLength = draftLength;
        this.probabilities = probabilities;
        this.draftVocabularySize = draftVocabularySize;
    }

    public int sequences() {
        return tokens.length / draftLength;
    }

    public int draftLength() {
        return draftLength;
    }

    /** Target ids, [B, draftLength] row-major. */
    public int[] tokens() {
        return tokens;
    }

    public int token(int sequence, int position) {
        return tokens[sequence * draftLength + position];
    }

    /**
     * The distribution each token was drawn from, over the draft vocabulary, [B, draftLength, Vd] row-major, float32; null
     * for a greedy draft, which verification treats as one-hot. {@link Eagle3Drafter#targetIds} maps draft ids to the
     * target's.
     */
    public float @Nullable [] probabilities() {
        return probabilities;
    }

    public int draftVocabularySize() {
        return draftVocabularySize;
    }

    /** Where the distribution of a token starts in {@link #probabilities}. */
    public int probabilitiesOffset(int sequence, int position) {
        return (sequence * draftLength + position) * draftVocabularySize;
    }
}
