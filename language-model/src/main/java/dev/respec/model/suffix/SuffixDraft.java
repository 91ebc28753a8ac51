package dev.respec.model.suffix;

import java.util.Arrays;

/** A drafted path in reusable buffers: node 0 continues the context, every other node the one before it. */
public final class SuffixDraft {
    private int[] tokens = new int[16];
    private float[] probabilities = new float[16];
    private int count;
    private float score;
    private int matchLength;

    public int count() {
        return count;
    }

    public int token(int node) {
        return tokens[node];
    }

    /** Estimated probability that the path up to this node is what follows. */
    public float probability(int node) {
        return probabilities[node];
    }

    /** Sum of the probabilities: the number of tokens that this draft can be expected to win. */
    public float score() {
        return score;
    }

    /** How many of the context's last tokens were found. */
    public int matchLength() {
        return matchLength;
    }

    void clear() {
        count = 0;
        score = 0;
        matchLength = 0;
    }

    void add(int token, float probability) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
            probabilities = Arrays.copyOf(probabilities, 2 * count);
        }
        tokens[count] = token;
        probabilities[count++] = probability;
        score += probability;
    }

    void matched(int length) {
        matchLength = length;
    }
}
