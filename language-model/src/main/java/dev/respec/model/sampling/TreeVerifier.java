package dev.respec.model.sampling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lossless verification of a tree of drafted tokens. From the root, the children of the current node are tried in their
 * order; an accepted child becomes the current node, otherwise one token of the target's own ends the step.
 *
 * <p>Children chosen without sampling: accepting x with p(x) under what earlier rejections left of p is the same as
 * sampling p once and descending to the child that came out, if there is one. Done that way, the tokens are those that
 * plain decoding draws from the same random stream. A duplicate sibling never matters.
 *
 * <p>Children sampled from q without replacement, in the order of drawing: x is accepted with min(1, p(x)/q(x)); after a
 * rejection p becomes norm(max(0, p - q)), then q(x) becomes 0 and q is renormalised (SpecInfer, Miao et al. 2024;
 * recursive rejection sampling, Yang et al. 2024).
 *
 * <p>Only rows on the accepted path are evaluated. One thread at a time.
 */
public final class TreeVerifier {
    private static final int NONE = -1;

    private final TokenDistribution target;
    private final Verdict verdict = new Verdict();
    private float[] draftRow = new float[0];

    public TreeVerifier(int vocabularySize) {
        this.target = new TokenDistribution(vocabularySize);
    }

    /**
     * Verifies a tree.
     *
     * @param logits the target's rows [nodes][vocabulary] flattened: row i follows node i
     * @param offset index of the first row's first logit
     * @param tokens target id of each node; node 0 is the root, the last token of the sequence, not a draft
     * @param parents parent of each node, smaller than the node's own index; that of the root is not read
     * @param nodes number of nodes, the root included
     * @param q row i is what the children of node i were drawn from without replacement, in the order of their indices;
     *     null for a tree that was not sampled
     * @return this verifier's own verdict, overwritten by the next call; nodes index this tree
     */
    public Verdict verify(
            float[] logits,
            int offset,
            int[] tokens,
            int[] parents,
            int nodes,
            @Nullable DraftDistributions q,
            SamplingOptions options,
            RandomStream random) {
        verdict.clear();
        var sampled = options.isGreedy() ? null : q;
        int node = 0;
        while (true) {
            target.load(logits, offset + node * target.vocabularySize(), options);
            int child = sampled == null ? NONE : tryChildren(node, tokens, parents, nodes, sampled, random);
            int token = child != NONE ? tokens[child] : ChainVerifier.draw(target, options, random);
            if (sampled == null) {
                child = childWith(token, node, tokens, parents, nodes);
            }
            verdict.emit(token, target.logProbability(token), child);
            if (child == NONE) {
                return verdict;
            }
            node = child;
        }
    }

    static int childWith(int token, int node, int[] tokens, int[] parents, int nodes) {
        for (int child = node + 1; child < nodes; child++) {
            if (parents[child] == node && tokens[child] == token) {
                return child;
            }
        }
        return NONE;
    }

    /** The accepted child of a node, or NONE, leaving the residual in target. */
    private int tryChildren(
            int node, int[] tokens, int[] parents, int nodes, DraftDistributions q, RandomStream random) {
        int rejected = 0;
        double mass = 1;
        for (int child = node + 1; child < nodes; child++) {
            if (parents[child] != node) {
                continue;
            }
            int token = tokens[child];
            if (rejected == 0) {
                copyRow(q, node);
            }
            double drafted = rejected == 0
                    ? q.drafted(node, token)
                    : draftRow[q.vocabulary().toDraft(token)] / mass;
            if (!(drafted > 0)) {
                throw new IllegalArgumentException(
                        "node %d: token %d was already drawn: siblings must be drawn without replacement"
                                .formatted(child, token));
            }
            if (random.nextDouble() < target.probability(token) / drafted) {
                return child;
            }
            target.subtract(draftRow, 0, mass, q.vocabulary());
            target.remove(token);
            if (target.isEmpty()) {
                // p = q up to rounding: a rejection has probability 0 in exact arithmetic.
                return child;
            }
            draftRow[q.vocabulary().toDraft(token)] = 0;
            mass = sum(draftRow, q.vocabulary().size());
            rejected++;
        }
        return NONE;
    }

    private void copyRow(DraftDistributions q, int node) {
        int size = q.vocabulary().size();
        if (draftRow.length < size) {
            draftRow = Arrays.copyOf(draftRow, size);
        }
        System.arraycopy(q.probabilities(), q.rowStart(node), draftRow, 0, size);
    }

    private static double sum(float[] row, int size) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += row[i];
        }
        return sum;
    }
}
