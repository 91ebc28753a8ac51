package dev.respec.model.eagle3;

/**
 * A draft tree of one sequence. Node 0 is the root, the token to be verified first; a parent comes before its children,
 * and siblings come in the order of their probability. The arrays belong to the receiver.
 */
public final class TreeDraft {
    private final int[] tokens;
    private final int[] parents;
    private final int[] depths;
    private final float[] logProbabilities;

    TreeDraft(int[] tokens, int[] parents, int[] depths, float[] logProbabilities) {
        this.tokens = tokens;
        this.parents = parents;
        this.depths = depths;
        this.logProbabilities = logProbabilities;
    }

    public int size() {
        return tokens.length;
    }

    /** Target ids. */
    public int[] tokens() {
        return tokens;
    }

    /** Node index of each parent; -1 for the root. */
    public int[] parents() {
        return parents;
    }

    /** Distance from the root: the offset of a node's position from the root's. */
    public int[] depths() {
        return depths;
    }

    /** Sum of the drafter's log-probabilities from the root; 0 for the root. */
    public float[] logProbabilities() {
        return logProbabilities;
    }

    /** Whether one node attends to another: itself and its ancestors. */
    public boolean sees(int node, int other) {
        int at = node;
        while (at > other) {
            at = parents[at];
        }
        return at == other;
    }
}
