package dev.respec.model.eagle3;

/**
 * A draft tree of one sequence. Node 0 is the root, the token to be verified first; a parent comes before its children,
 * and siblings come in the order of their probability.
 *
 * @param tokens target ids
 * @param parents node index of the parent; -1 for the root
 * @param depths distance from the root: the offset of the node's position from the root's
 * @param logProbabilities sum of the drafter's log-probabilities from the root; 0 for the root
 */
public record TreeDraft(int[] tokens, int[] parents, int[] depths, float[] logProbabilities) {
    public int size() {
        return tokens.length;
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
