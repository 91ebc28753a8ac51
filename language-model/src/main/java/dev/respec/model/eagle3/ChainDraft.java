package dev.respec.model.eagle3;

import dev.respec.model.decoding.DrafterKernel;
import dev.respec.model.sampling.DraftDistributions;
import dev.respec.model.sampling.DraftVocabulary;
import org.jspecify.annotations.Nullable;

/** A chain of drafts for each of B sequences. The arrays belong to the receiver. */
public final class ChainDraft {
    private final int[] tokens;
    private final int draftLength;
    private final int[] counts;
    private final float @Nullable [] probabilities;
    private final DraftVocabulary vocabulary;

    ChainDraft(DrafterKernel.Chain chain, int draftLength, DraftVocabulary vocabulary) {
        this.tokens = chain.tokens();
        this.counts = chain.counts();
        this.draftLength = draftLength;
        this.probabilities = chain.probabilities();
        this.vocabulary = vocabulary;
    }

    /** Tokens drafted for a sequence, at most the draft length. */
    public int count(int sequence) {
        return counts[sequence];
    }

    /** Target ids, [B, draftLength] row-major; of each row as many as {@link #count} says. */
    public int[] tokens() {
        return tokens;
    }

    public int token(int sequence, int position) {
        return tokens[sequence * draftLength + position];
    }

    /** What a sequence's tokens were sampled from; null for a greedy draft, which verification takes as one-hot. */
    public @Nullable DraftDistributions distributions(int sequence) {
        return probabilities == null
                ? null
                : new DraftDistributions(probabilities, probabilitiesOffset(sequence, 0), vocabulary);
    }

    /** All distributions over the draft vocabulary, [B, draftLength, Vd] row-major, float32; null for a greedy draft. */
    public float @Nullable [] probabilities() {
        return probabilities;
    }

    /** Where the distribution of a token starts in {@link #probabilities}. */
    public int probabilitiesOffset(int sequence, int position) {
        return (sequence * draftLength + position) * vocabulary.size();
    }
}
