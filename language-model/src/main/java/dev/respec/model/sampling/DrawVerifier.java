package dev.respec.model.sampling;

/**
 * Verification of drafts that were not sampled, from tokens that were already drawn from every row: a draft is accepted
 * where it is the token that came out. That is how {@link ChainVerifier} and {@link TreeVerifier} treat such drafts, so the
 * tokens are those of plain decoding from the same random stream. One thread at a time.
 */
public final class DrawVerifier {
    private static final int NONE = -1;

    private Verdict verdict = new Verdict();

    /** Takes a verdict that the next calls overwrite in place of this verifier's own. */
    public DrawVerifier into(Verdict other) {
        verdict = other;
        return this;
    }

    /**
     * @param first index of the row that the first draft token is to follow; those behind it follow the draft's tokens
     * @param random gave each row its number ahead; moves on by those that were used
     * @return the verdict, overwritten by the next call
     */
    public Verdict chain(
            SampledRows rows, int first, int[] draft, int draftLength, SamplingOptions options, RandomStream random) {
        verdict.clear();
        boolean accepted = true;
        for (int position = 0; position <= draftLength && accepted; position++) {
            accepted = position < draftLength && rows.tokens()[first + position] == draft[position];
            emit(rows, first + position, accepted ? position : NONE, options, random);
        }
        return verdict;
    }

    /**
     * @param first index of the root's row; that of node i is i rows behind it
     * @param tokens target id of each node; that of the root, node 0, is not read
     * @param parents parent of each node, smaller than the node's own index
     */
    public Verdict tree(
            SampledRows rows,
            int first,
            int[] tokens,
            int[] parents,
            int nodes,
            SamplingOptions options,
            RandomStream random) {
        verdict.clear();
        int node = 0;
        while (node != NONE) {
            int child = TreeVerifier.childWith(rows.tokens()[first + node], node, tokens, parents, nodes);
            emit(rows, first + node, child, options, random);
            node = child;
        }
        return verdict;
    }

    private void emit(SampledRows rows, int row, int node, SamplingOptions options, RandomStream random) {
        verdict.emit(rows.tokens()[row], rows.logProbabilities()[row], node);
        if (!options.isGreedy()) {
            random.nextDouble();
        }
    }
}
