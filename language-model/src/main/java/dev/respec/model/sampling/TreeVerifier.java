package dev.respec.model.sampling;

/**
 * Lossless verification of a tree of drafted tokens whose nodes were chosen without sampling: from the root, the target's
 * own token is drawn; the child with that token becomes the current node, and without one the step ends.
 *
 * <p>Accepting a child x with p(x) under what earlier rejections left of p is the same as sampling p once and descending
 * to the child that came out, if there is one. Done that way, the tokens are those that plain decoding draws from the same
 * random stream. A duplicate sibling never matters.
 *
 * <p>Only rows on the accepted path are evaluated. One thread at a time.
 */
public final class TreeVerifier {
    private static final int NONE = -1;

    private final TokenDistribution target;
    private Verdict verdict = new Verdict();

    public TreeVerifier(int vocabularySize) {
        this(new TokenDistribution(vocabularySize));
    }

    /** @param target where rows are loaded; nobody else's while one is verified */
    public TreeVerifier(TokenDistribution target) {
        this.target = target;
    }

    /** Takes a verdict that the next calls overwrite in place of this verifier's own. */
    public TreeVerifier into(Verdict other) {
        verdict = other;
        return this;
    }

    /**
     * Verifies a tree.
     *
     * @param logits the target's rows [nodes][vocabulary] flattened: row i follows node i
     * @param offset index of the first row's first logit
     * @param tokens target id of each node; node 0 is the root, the last token of the sequence, not a draft
     * @param parents parent of each node, smaller than the node's own index; that of the root is not read
     * @param nodes number of nodes, the root included
     * @return the verdict, overwritten by the next call; nodes index this tree
     */
    public Verdict verify(
            float[] logits,
            int offset,
            int[] tokens,
            int[] parents,
            int nodes,
            SamplingOptions options,
            RandomStream random) {
        verdict.clear();
        int node = 0;
        while (node != NONE) {
            target.load(logits, offset + node * target.vocabularySize(), options);
            int token = ChainVerifier.draw(target, options, random);
            node = childWith(token, node, tokens, parents, nodes);
            verdict.emit(token, target.logProbability(token), node);
        }
        return verdict;
    }

    static int childWith(int token, int node, int[] tokens, int[] parents, int nodes) {
        for (int child = node + 1; child < nodes; child++) {
            if (parents[child] == node && tokens[child] == token) {
                return child;
            }
        }
        return NONE;
    }
}
