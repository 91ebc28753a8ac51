package dev.respec.generation.engine;

import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.sampling.DraftDistributions;
import dev.respec.model.sampling.Verdict;
import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chains or trees proposed for one step, one per sequence in slot order. Reused from step to step. */
public final class Drafts {
    private int[][] tokens = new int[0][];
    private int[][] parents = new int[0][];
    private int[] counts = new int[0];
    private int[] depths = new int[0];
    private boolean[] trees = new boolean[0];
    private @Nullable DraftDistributions[] distributions = new DraftDistributions[0];
    private ChainLimit limit = ChainLimit.NONE;
    private CatchUp catchUp = CatchUp.IN_PIECES;
    private int total;

    /** How a drafter that has not read all of a sequence reads the rest. */
    public enum CatchUp {
        /** Over several steps, so that none takes long. */
        IN_PIECES,
        AT_ONCE
    }

    /** Empty drafts for so many sequences of at most so many tokens each, without a limit beside it. */
    public void reset(int sequences, int mostTokens) {
        limit = ChainLimit.NONE;
        if (tokens.length < sequences) {
            tokens = Arrays.copyOf(tokens, sequences);
            parents = Arrays.copyOf(parents, sequences);
            counts = new int[sequences];
            depths = new int[sequences];
            trees = new boolean[sequences];
            distributions = new DraftDistributions[sequences];
        }
        for (int i = 0; i < sequences; i++) {
            if (tokens[i] == null || tokens[i].length < mostTokens) {
                tokens[i] = new int[Math.max(8, mostTokens)];
                parents[i] = new int[Math.max(8, mostTokens)];
            }
            counts[i] = 0;
            depths[i] = 0;
            trees[i] = false;
            distributions[i] = null;
        }
        total = 0;
    }

    /** Keeps the first tokens of a chain; a tree is kept whole or not at all. */
    void cut(int sequence, int count) {
        if (count < counts[sequence]) {
            DraftDistributions q = distributions[sequence];
            propose(sequence, count, count == 0 ? null : q);
        }
    }

    void catchUp(CatchUp how) {
        catchUp = how;
    }

    public CatchUp catchUp() {
        return catchUp;
    }

    void limitBy(ChainLimit chainLimit) {
        limit = chainLimit;
    }

    /** Decides where chains end that a model drafts; a drafter that cannot say how sure it is does not ask it. */
    public ChainLimit limit() {
        return limit;
    }

    /** Where the drafter writes the tokens of a sequence before it calls {@link #propose} or {@link #proposeTree}. */
    public int[] buffer(int sequence) {
        return tokens[sequence];
    }

    /** Where the drafter writes parents before {@link #proposeTree}: index of a token before it, -1 for the root. */
    public int[] parentBuffer(int sequence) {
        return parents[sequence];
    }

    /**
     * Proposes a chain.
     *
     * @param count tokens written to the buffer
     * @param q what they were sampled from; null if they were not sampled
     */
    public void propose(int sequence, int count, @Nullable DraftDistributions q) {
        total += count - counts[sequence];
        counts[sequence] = count;
        depths[sequence] = count;
        trees[sequence] = false;
        distributions[sequence] = q;
    }

    /**
     * Proposes a tree that was not sampled. Its root is the sequence's newest token and not among the tokens.
     *
     * @param count tokens written to the buffer, each with its parent in the other buffer, parents first
     * @param depth tokens of the longest path
     */
    public void proposeTree(int sequence, int count, int depth) {
        propose(sequence, count, null);
        depths[sequence] = depth;
        trees[sequence] = true;
    }

    /**
     * Drops what would come behind a token that ends a response: nothing of it could be emitted. Whether a token is dropped
     * depends on the tokens before it only, so that what is sampled keeps its distribution.
     *
     * @param sequences how many have drafts
     */
    void endAt(Set<Integer> stopTokens, int sequences) {
        for (int sequence = 0; sequence < sequences; sequence++) {
            int count = trees[sequence] ? pruned(sequence, stopTokens) : ended(sequence, stopTokens);
            total += count - counts[sequence];
            counts[sequence] = count;
        }
    }

    private int ended(int sequence, Set<Integer> stopTokens) {
        for (int i = 0; i < counts[sequence]; i++) {
            if (stopTokens.contains(tokens[sequence][i])) {
                depths[sequence] = i + 1;
                return i + 1;
            }
        }
        return counts[sequence];
    }

    private int pruned(int sequence, Set<Integer> stopTokens) {
        int[] kept = new int[counts[sequence]];
        int[] depth = new int[counts[sequence]];
        int count = 0;
        int deepest = 0;
        for (int node = 0; node < counts[sequence]; node++) {
            int parent = parents[sequence][node];
            int place = parent < 0 ? parent : kept[parent];
            boolean dropped = parent >= 0 && (place < 0 || stopTokens.contains(tokens[sequence][place]));
            kept[node] = dropped ? -1 : count;
            if (!dropped) {
                depth[count] = parent < 0 ? 1 : depth[place] + 1;
                deepest = Math.max(deepest, depth[count]);
                tokens[sequence][count] = tokens[sequence][node];
                parents[sequence][count] = place;
                count++;
            }
        }
        depths[sequence] = deepest;
        return count;
    }

    /** Lengthens chains to the setting's length with filler, which verification treats like any draft. */
    void fillUp(List<Sequence> active, Setting setting) {
        for (int slot = 0; slot < active.size(); slot++) {
            int most = Math.min(setting.draftLength(), active.get(slot).draftRoom());
            if (!trees[slot] && counts[slot] < most) {
                Arrays.fill(tokens[slot], counts[slot], most, 0);
                propose(slot, most, null);
            }
        }
    }

    /** How the target's own token came, behind the accepted draft tokens. */
    OriginSpan.Origin ownOrigin(int sequence, Verdict verdict) {
        if (counts[sequence] == 0) {
            return OriginSpan.Origin.PLAIN;
        }
        int accepted = verdict.acceptedDraftTokens();
        // the verdict's node 0 is the root of the tree, which is not among the tokens here
        boolean whole = trees[sequence]
                ? accepted > 0 && isLeaf(sequence, verdict.node(accepted - 1) - 1)
                : accepted == counts[sequence];
        return whole ? OriginSpan.Origin.BONUS : OriginSpan.Origin.RECOVERED;
    }

    /** What the named drafter's proposal for a sequence is called. */
    OriginSpan.DraftSource source(int sequence, String drafter) {
        return counts[sequence] == 0
                ? OriginSpan.DraftSource.NONE
                : OriginSpan.DraftSource.of(drafter, trees[sequence]);
    }

    private boolean isLeaf(int sequence, int node) {
        for (int child = node + 1; child < counts[sequence]; child++) {
            if (parents[sequence][child] == node) {
                return false;
            }
        }
        return true;
    }

    public int count(int sequence) {
        return counts[sequence];
    }

    /** Tokens along the longest path. */
    public int depth(int sequence) {
        return depths[sequence];
    }

    public boolean isTree(int sequence) {
        return trees[sequence];
    }

    public int[] tokens(int sequence) {
        return tokens[sequence];
    }

    public int[] parents(int sequence) {
        return parents[sequence];
    }

    public @Nullable DraftDistributions distributions(int sequence) {
        return distributions[sequence];
    }

    /** Tokens proposed for all sequences. */
    public int total() {
        return total;
    }
}
