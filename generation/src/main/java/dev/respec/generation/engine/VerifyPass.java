package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.ChainVerifier;
import dev.respec.model.sampling.DrawVerifier;
import dev.respec.model.sampling.SampledRows;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.TokenDistribution;
import dev.respec.model.sampling.TreeVerifier;
import dev.respec.model.sampling.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One target pass over the drafts of all active sequences, then the lossless verdict on each.
 *
 * <p>INVARIANT: before and after, the cache of a sequence of n tokens holds columns 0 to n - 2. Rejected columns behind
 * them are overwritten; of a tree the accepted path is moved together in {@link #close}.
 */
final class VerifyPass {
    /** Logits from which waking another thread costs less than it saves. */
    private static final long SHARED_LOGITS = 1 << 17;

    private final TargetModel target;
    private final DrawVerifier drawn = new DrawVerifier();
    private final TokenGrid grid = new TokenGrid();
    /** Verifiers that nobody is using: as many as threads have verified at once. */
    private final Queue<Verifiers> idle = new ConcurrentLinkedQueue<>();
    /** By slot. */
    private final List<Verdict> verdicts = new ArrayList<>();
    /** By slot: its first row. */
    private int[] firstRows = new int[16];

    private long[] movedSlots = new long[16];
    private long[] movedFrom = new long[16];
    private long[] movedTo = new long[16];
    private Logits logits = new Logits(1);
    /** What the target drew; null if it gave logits. */
    private @Nullable SampledRows sampled;

    private int moved;
    private long verdictNanos;

    VerifyPass(TargetModel target) {
        this.target = target;
    }

    /** What one thread verifies with; both load rows into the same buffers. */
    private static final class Verifiers {
        private final ChainVerifier chains;
        private final TreeVerifier trees;
        private int[] tokens = new int[16];
        private int[] parents = new int[16];

        Verifiers(TargetModel target) {
            var distribution = new TokenDistribution(target.config().vocabularySize(), target.logitWeights());
            chains = new ChainVerifier(distribution);
            trees = new TreeVerifier(distribution);
        }

        /** Puts the root before a drafted tree. */
        void plant(Drafts drafts, int slot) {
            int count = drafts.count(slot);
            if (tokens.length <= count) {
                tokens = new int[count + 1];
                parents = new int[count + 1];
            }
            for (int i = 0; i < count; i++) {
                tokens[i + 1] = drafts.tokens(slot)[i];
                parents[i + 1] = drafts.parents(slot)[i] + 1;
            }
        }
    }

    /** Runs the target over each sequence's newest token and its draft. */
    void run(List<Sequence> active, Drafts drafts) {
        grid.clear();
        moved = 0;
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

    /**
     * Decides on all drafts. Slots are independent of each other: each has rows, a draft and a random stream of its own. So
     * the threads that have computed the logits share them out.
     */
    void judge(List<Sequence> active, Drafts drafts) {
        long begun = System.nanoTime();
        int slots = active.size();
        firstRows = firstRows.length < slots ? new int[slots] : firstRows;
        for (int slot = 0, row = 0; slot < slots; slot++) {
            firstRows[slot] = row;
            row += drafts.count(slot) + 1;
            if (verdicts.size() == slot) {
                verdicts.add(new Verdict());
            }
        }
        if (sampled == null && (long) grid.tokenCount() * logits.vocabularySize() >= SHARED_LOGITS) {
            target.share(slots, slot -> judge(slot, active.get(slot), drafts));
        } else {
            for (int slot = 0; slot < slots; slot++) {
                judge(slot, active.get(slot), drafts);
            }
        }
        for (int slot = 0; slot < slots; slot++) {
            if (drafts.isTree(slot)) {
                noteMoves(slot, active.get(slot).length() - 1, verdicts.get(slot));
            }
        }
        verdictNanos += System.nanoTime() - begun;
    }

    /** Nanoseconds that {@link #judge} has taken in all passes. */
    long verdictNanos() {
        return verdictNanos;
    }

    /** The verdict on one slot's draft; holds until the next pass is judged. */
    Verdict verdict(int slot) {
        return verdicts.get(slot);
    }

    private void judge(int slot, Sequence sequence, Drafts drafts) {
        Verifiers own = idle.poll();
        Verifiers verifiers = own == null ? new Verifiers(target) : own;
        if (drafts.isTree(slot)) {
            tree(verifiers, slot, sequence, drafts);
        } else {
            chain(verifiers, slot, sequence, drafts);
        }
        idle.add(verifiers);
    }

    private void chain(Verifiers verifiers, int slot, Sequence sequence, Drafts drafts) {
        int count = drafts.count(slot);
        int first = firstRows[slot];
        SequenceRequest request = sequence.request();
        if (sampled != null) {
            drawn.into(verdicts.get(slot))
                    .chain(sampled, first, drafts.tokens(slot), count, request.sampling(), sequence.random());
            return;
        }
        verifiers
                .chains
                .into(verdicts.get(slot))
                .verify(
                        logits.values(),
                        first * logits.vocabularySize(),
                        drafts.tokens(slot),
                        count,
                        drafts.distributions(slot),
                        request.sampling(),
                        sequence.random());
    }

    private void tree(Verifiers verifiers, int slot, Sequence sequence, Drafts drafts) {
        verifiers.plant(drafts, slot);
        int first = firstRows[slot];
        int nodes = drafts.count(slot) + 1;
        SequenceRequest request = sequence.request();
        if (sampled != null) {
            drawn.into(verdicts.get(slot))
                    .tree(
                            sampled,
                            first,
                            verifiers.tokens,
                            verifiers.parents,
                            nodes,
                            request.sampling(),
                            sequence.random());
            return;
        }
        verifiers
                .trees
                .into(verdicts.get(slot))
                .verify(
                        logits.values(),
                        first * logits.vocabularySize(),
                        verifiers.tokens,
                        verifiers.parents,
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
