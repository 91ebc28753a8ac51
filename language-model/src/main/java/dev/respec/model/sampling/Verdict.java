package dev.respec.model.sampling;

import java.util.Arrays;

/**
 * What one verify step emits: the accepted draft tokens, then one token of the target's own, recovered after a rejection
 * or the bonus after a full acceptance. Holds until its verifier is used again.
 */
public final class Verdict {
    private int[] tokens = new int[16];
    private float[] logProbabilities = new float[16];
    private int[] nodes = new int[16];
    private int count;

    /** Number of emitted tokens, at least 1: the acceptance length of this step. */
    public int count() {
        return count;
    }

    public int acceptedDraftTokens() {
        return count - 1;
    }

    /** The i-th emitted token. */
    public int token(int i) {
        return tokens[i];
    }

    /** The target's log-probability of the i-th emitted token, see {@link SamplingOptions#recorded()}. */
    public float logProbability(int i) {
        return logProbabilities[i];
    }

    /** Where the i-th accepted draft token stands: its index in the draft (chain), its node (tree). */
    public int node(int i) {
        return nodes[i];
    }

    public int[] tokens() {
        return Arrays.copyOf(tokens, count);
    }

    public float[] logProbabilities() {
        return Arrays.copyOf(logProbabilities, count);
    }

    void clear() {
        count = 0;
    }

    void emit(int token, float logProbability, int node) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
            logProbabilities = Arrays.copyOf(logProbabilities, 2 * count);
            nodes = Arrays.copyOf(nodes, 2 * count);
        }
        tokens[count] = token;
        logProbabilities[count] = logProbability;
        nodes[count++] = node;
    }
}
