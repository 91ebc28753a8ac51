package dev.respec.learner.distillation;

import java.util.Arrays;

/**
 * The drafts of a response that the policy rejected, of the drafter that is taught: for each, the response token that came
 * instead and the drafts that the same verify step had accepted before it, its depth. In order of the tokens.
 */
public final class RejectedDrafts {
    public static final RejectedDrafts NONE = new RejectedDrafts(new int[0], new int[0]);

    private final int[] tokens;
    private final int[] depths;

    private RejectedDrafts(int[] tokens, int[] depths) {
        this.tokens = tokens;
        this.depths = depths;
    }

    public int count() {
        return tokens.length;
    }

    /** Place in the response, counted from 0. */
    public int token(int index) {
        return tokens[index];
    }

    public int depth(int index) {
        return depths[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RejectedDrafts that
                && Arrays.equals(tokens, that.tokens)
                && Arrays.equals(depths, that.depths);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(depths);
    }

    @Override
    public String toString() {
        return "tokens " + Arrays.toString(tokens) + ", depths " + Arrays.toString(depths);
    }

    /** Reads the tokens of a response in their order. */
    public static final class Reader {
        private int[] tokens = new int[16];
        private int[] depths = new int[16];
        private int count;
        private int read;
        private int accepted;

        /** Drafts of one verify step that were accepted. */
        public Reader accepted(int tokenCount) {
            accepted = tokenCount;
            read += tokenCount;
            return this;
        }

        /**
         * Tokens that each came instead of a rejected draft. A verify step ends with such a token, so only the first can
         * belong to the step of the accepted drafts before it; the first draft of each further step was rejected.
         */
        public Reader recovered(int tokenCount) {
            for (int i = 0; i < tokenCount; i++) {
                add(read++, accepted);
                accepted = 0;
            }
            return this;
        }

        /** Tokens that came otherwise. */
        public Reader others(int tokenCount) {
            accepted = 0;
            read += tokenCount;
            return this;
        }

        private void add(int token, int depth) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
                depths = Arrays.copyOf(depths, 2 * count);
            }
            tokens[count] = token;
            depths[count++] = depth;
        }

        public RejectedDrafts drafts() {
            return count == 0 ? NONE : new RejectedDrafts(Arrays.copyOf(tokens, count), Arrays.copyOf(depths, count));
        }
    }
}
