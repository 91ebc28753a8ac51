package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.ChainVerifier;
import dev.respec.model.sampling.DrawVerifier;
import dev.respec.model.sampling.SampledRows;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.TreeVerifier;
import dev.respec.model.sampling.Verdict;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One target pass over the drafts of all active sequences, then the lossless verdict on each.
 *
 * <p>INVARIANT: before and after, the cache of a sequence of n tokens holds columns 0 to n - 2. Rejected columns behind
 * them are overwritten; of a tree the accepted path is moved together in {@link #close}.
 */
final class VerifyPass {
    private final TargetModel target;
    private final ChainVerifier chains;
    private final TreeVerifier trees;
    private final DrawVerifier drawn = new DrawVerifier();
    private final TokenGrid grid = new TokenGrid();
    private int[] nodeTokens = new int[16];
    private int[] nodeParents = new int[16];
    private long[] movedSlots = new long[16];
    private long[] movedFrom = new long[16];
    private long[] movedTo = new long[16];
    private Logits logits = new Logits(1);
    /** What the target drew; null if it gave logits. */
    private @Nullable SampledRows sampled;

    private int moved;
    private int row;

    VerifyPass(TargetModel target) {
        this.target = target;
        this.chains = new ChainVerifier(target.config().vocabularySize());
        this.trees = new TreeVerifier(target.config().vocabularySize());
    }

    /** Runs the target over each sequence's newest token and its draft. */
    void run(List<Sequence> active, Drafts drafts) {
        grid.clear();
        moved = 0;
        row = 0;
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            grid.begin(sequence.length() - 1);
            grid.add(sequence.tokens()[sequence.length() - 1]);
            if (!drafts.isTree(slot)) {
                grid.add(drafts.tokens(slot), 0, drafts.count(slot));
                continue;
            }
            for (int i = 0; i < drafts.count(slot); i++) {
                grid.addNode(drafts.tokens(slot)[i], drafts.parents(slot)[i] + 1);
            }
        }
        if (isSampledByTheTarget(active, drafts)) {
            sampled = target.sample(0, grid, draws(active));
        } else {
            sampled = null;
            logits = target.step(0, grid);
        }
    }

    /** Rows can be drawn from where they are if nothing is cut from them and no draft was itself drawn. */
    private boolean isSampledByTheTarget(List<Sequence> active, Drafts drafts) {
        boolean possible = target.samples();
        for (int slot = 0; slot < active.size() && possible; slot++) {
            SamplingOptions options = active.get(slot).request().sampling();
            possible = options.isGreedy() || (!options.isFiltered() && drafts.distributions(slot) == null);
        }
        return possible;
    }

    /** Inverse temperatures of all rows, then the number that each row would draw, if it is reached. */
    private double[] draws(List<Sequence> active) {
        int rows = grid.tokenCount();
        double[] draws = new double[2 * rows];
        int at = 0;
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            SamplingOptions options = sequence.request().sampling();
            for (int i = 0; i < grid.count(slot); i++, at++) {
                draws[at] = options.isGreedy() ? 0 : 1 / options.temperature();
                draws[rows + at] = options.isGreedy() ? 0 : sequence.random().foreseen(grid.depth(at));
            }
        }
        return draws;
    }

    /** The verdict on one slot's draft; called for the slots in order, each once. Holds until the next call. */
    Verdict verdict(int slot, Sequence sequence, Drafts drafts) {
        int first = row;
        int count = drafts.count(slot);
        row += count + 1;
        if (!drafts.isTree(slot)) {
            return chain(slot, sequence, drafts, first);
        }
        if (nodeTokens.length <= count) {
            nodeTokens = new int[count + 1];
            nodeParents = new int[count + 1];
        }
        for (int i = 0; i < count; i++) {
            nodeTokens[i + 1] = drafts.tokens(slot)[i];
            nodeParents[i + 1] = drafts.parents(slot)[i] + 1;
        }
        Verdict verdict = tree(sequence, first, count + 1);
        noteMoves(slot, sequence.length() - 1, verdict);
        return verdict;
    }

    private Verdict chain(int slot, Sequence sequence, Drafts drafts, int first) {
        int count = drafts.count(slot);
        SequenceRequest request = sequence.request();
        if (sampled != null) {
            return drawn.chain(sampled, first, drafts.tokens(slot), count, request.sampling(), sequence.random());
        }
        return chains.verify(
                logits.values(),
                first * logits.vocabularySize(),
                drafts.tokens(slot),
                count,
                drafts.distributions(slot),
                request.sampling(),
                sequence.random());
    }

    private Verdict tree(Sequence sequence, int first, int nodes) {
        SequenceRequest request = sequence.request();
        if (sampled != null) {
            return drawn.tree(sampled, first, nodeTokens, nodeParents, nodes, request.sampling(), sequence.random());
        }
        return trees.verify(
                logits.values(),
                first * logits.vocabularySize(),
                nodeTokens,
                nodeParents,
                nodes,
                request.sampling(),
                sequence.random());
    }

    private void noteMoves(int slot, int root, Verdict verdict) {
        for (int i = 0; i < verdict.acceptedDraftTokens(); i++) {
            int node = verdict.node(i);
            if (node == i + 1) {
                continue;
            }
            if (moved == movedSlots.length) {
                movedSlots = Arrays.copyOf(movedSlots, 2 * moved);
                movedFrom = Arrays.copyOf(movedFrom, 2 * moved);
                movedTo = Arrays.copyOf(movedTo, 2 * moved);
            }
            movedSlots[moved] = slot;
            movedFrom[moved] = root + node;
            movedTo[moved++] = root + i + 1L;
        }
    }

    /** Moves accepted tree paths together; before any slot changes hands. */
    void close() {
        if (moved > 0) {
            target.moveColumns(
                    Arrays.copyOf(movedSlots, moved), Arrays.copyOf(movedFrom, moved), Arrays.copyOf(movedTo, moved));
        }
    }
}
