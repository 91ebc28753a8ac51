package dev.respec.worker.engine;

import dev.respec.model.sampling.DraftDistributions;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Chains proposed for one step, one a sequence in slot order. Reused from step to step. */
public final class Drafts {
    private int[][] tokens = new int[0][];
    private int[] counts = new int[0];
    private @Nullable DraftDistributions[] distributions = new DraftDistributions[0];
    private int total;

    /** Empty drafts for so many sequences. */
    public void reset(int sequences, int draftLength) {
        if (tokens.length < sequences) {
            tokens = Arrays.copyOf(tokens, sequences);
            counts = new int[sequences];
            distributions = new DraftDistributions[sequences];
        }
        for (int i = 0; i < sequences; i++) {
            if (tokens[i] == null || tokens[i].length < draftLength) {
                tokens[i] = new int[Math.max(8, draftLength)];
            }
            counts[i] = 0;
            distributions[i] = null;
        }
        total = 0;
    }

    /** Where the drafter writes the tokens of a sequence before it calls {@link #propose}. */
    public int[] buffer(int sequence) {
        return tokens[sequence];
    }

    /**
     * @param count tokens written to the buffer
     * @param q what they were sampled from; null where they were not sampled
     */
    public void propose(int sequence, int count, @Nullable DraftDistributions q) {
        total += count - counts[sequence];
        counts[sequence] = count;
        distributions[sequence] = q;
    }

    public int count(int sequence) {
        return counts[sequence];
    }

    public int[] tokens(int sequence) {
        return tokens[sequence];
    }

    public @Nullable DraftDistributions distributions(int sequence) {
        return distributions[sequence];
    }

    /** Tokens proposed for all sequences. */
    public int total() {
        return total;
    }
}
