package dev.respec.generation.engine;

import ai.djl.ndarray.NDManager;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.Features;
import dev.respec.model.eagle3.ChainDraft;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.eagle3.Extension;
import dev.respec.model.eagle3.TreeDraft;
import dev.respec.model.eagle3.TreeShape;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Drafts chains, or trees if the setting branches, with an EAGLE-3 drafter.
 *
 * <p>The drafter's cache grows only while its setting is in force; coming back to it extends the cache from the features
 * that the target keeps, in pieces: a step extends by {@link #ROWS_A_STEP} rows at most, beside the few of sequences that
 * keep up. Sequences whose cache is still behind decode without a draft.
 */
public final class Eagle3Drafting implements Drafter {
    /** Name in settings. */
    public static final String NAME = "eagle3";

    /** Most rows of one step for sequences that are behind; each of them gets one at least. */
    static final int ROWS_A_STEP = 512;

    /** A sequence with no more rows to extend by keeps up: it emitted them in the last steps. */
    private static final int KEEPING_UP = 16;

    private final TargetModel target;
    private final Eagle3Drafter drafter;
    private final SplittableRandom random;
    private long version;

    /** @param target a model that keeps the features the drafter was trained on */
    public Eagle3Drafting(TargetModel target, Eagle3Drafter drafter, long version, long seed) {
        this.target = target;
        this.drafter = drafter;
        this.version = version;
        this.random = new SplittableRandom(seed);
    }

    /** Takes new drafter weights before the next step. */
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings, long newVersion) {
        drafter.adopt(checkpoint, embeddings);
        version = newVersion;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public void begin(Sequence sequence, int slot) {
        drafter.truncate(slot, 0);
    }

    @Override
    public void moveSlot(int from, int to) {
        drafter.copySlot(from, to);
    }

    @Override
    public void leave(int slot) {
        drafter.truncate(slot, 0);
    }

    @Override
    public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
        int[] rows = rows(active, drafts.catchUp() == Drafts.CatchUp.AT_ONCE ? Integer.MAX_VALUE : ROWS_A_STEP);
        if (Arrays.stream(rows).anyMatch(count -> count == 0)) {
            return;
        }
        boolean[] ready = new boolean[rows.length];
        boolean any = false;
        for (int slot = 0; slot < rows.length; slot++) {
            ready[slot] = rows[slot] == behind(active, slot);
            any |= ready[slot];
        }
        try (NDManager scope = target.manager().newSubManager()) {
            Features features = features(scope, rows);
            List<Extension> extensions = extensions(active, rows);
            if (!any) {
                drafter.extend(features, 0, extensions);
            } else if (setting.branching() > 1) {
                drafter.extend(features, 0, extensions);
                growTrees(active, ready, setting, drafts);
            } else {
                draftChains(active, ready, setting.draftLength(), features, extensions, drafts);
            }
        }
    }

    /** Rows between the drafter's cache and the newest token. */
    private int behind(List<Sequence> active, int slot) {
        return active.get(slot).length() - 1 - drafter.length(slot);
    }

    /** Rows by which each sequence's cache is extended in this step; 0 for one that has none yet. */
    private int[] rows(List<Sequence> active, int most) {
        int[] rows = new int[active.size()];
        int left = most;
        for (int slot = 0; slot < rows.length; slot++) {
            int behind = behind(active, slot);
            rows[slot] = behind <= KEEPING_UP ? behind : Math.min(behind, Math.max(1, left));
            left -= behind <= KEEPING_UP ? 0 : rows[slot];
        }
        return rows;
    }

    private void draftChains(
            List<Sequence> active,
            boolean[] ready,
            int draftLength,
            Features features,
            List<Extension> extensions,
            Drafts drafts) {
        double temperature = temperature(active);
        double[] uniforms = new double[temperature > 0 ? draftLength * active.size() : 0];
        for (int i = 0; i < uniforms.length; i++) {
            uniforms[i] = random.nextDouble();
        }
        ChainLimit limit = withinRoom(active, ready, drafts.limit());
        propose(
                active,
                ready,
                drafter.extendAndDraft(features, 0, extensions, draftLength, temperature, uniforms, limit),
                draftLength,
                drafts);
    }

    /** Nothing is drafted that a sequence has no room for, or behind rows that are not the newest. */
    private static ChainLimit withinRoom(List<Sequence> active, boolean[] ready, ChainLimit limit) {
        if (limit == ChainLimit.NONE) {
            return limit;
        }
        return (position, confidences, goesOn) -> {
            for (int slot = 0; slot < goesOn.length; slot++) {
                goesOn[slot] &= ready[slot] && position < active.get(slot).draftRoom();
            }
            return limit.choose(position, confidences, goesOn);
        };
    }

    private void growTrees(List<Sequence> active, boolean[] ready, Setting setting, Drafts drafts) {
        int branching = Math.min(setting.branching(), drafter.vocabulary().size());
        int passes = setting.draftLength() - 1;
        int nodes = Math.min(setting.verifiedTokens(), branching + passes * branching * branching);
        int[] roots = new int[active.size()];
        for (int slot = 0; slot < roots.length; slot++) {
            Sequence sequence = active.get(slot);
            roots[slot] = sequence.tokens()[sequence.length() - 1];
        }
        List<TreeDraft> trees = drafter.draftTrees(0, roots, new TreeShape(branching, passes, nodes + 1));
        for (int slot = 0; slot < roots.length; slot++) {
            Sequence sequence = active.get(slot);
            if (ready[slot]) {
                prune(trees.get(slot), sequence.draftRoom(), target.capacity() - sequence.length(), slot, drafts);
            }
        }
    }

    /** Proposes the nodes no deeper than the sequence has room for, and no more than its slot has columns for. */
    private static void prune(TreeDraft tree, int mostDepth, int mostNodes, int slot, Drafts drafts) {
        int[] kept = new int[tree.size()];
        kept[0] = -1;
        int count = 0;
        int depth = 0;
        for (int node = 1; node < tree.size() && count < mostNodes; node++) {
            // parents come first and are no deeper: the parent of a kept node was kept
            if (tree.depths()[node] <= mostDepth) {
                drafts.buffer(slot)[count] = tree.tokens()[node];
                drafts.parentBuffer(slot)[count] = kept[tree.parents()[node]];
                depth = Math.max(depth, tree.depths()[node]);
                kept[node] = count++;
            }
        }
        if (count > 0) {
            drafts.proposeTree(slot, count, depth);
        }
    }

    private List<Extension> extensions(List<Sequence> active, int[] rows) {
        List<Extension> extensions = new ArrayList<>(rows.length);
        int row = 0;
        for (int slot = 0; slot < rows.length; slot++) {
            int from = drafter.length(slot) + 1;
            extensions.add(
                    new Extension(row, Arrays.copyOfRange(active.get(slot).tokens(), from, from + rows[slot])));
            row += rows[slot];
        }
        return extensions;
    }

    private Features features(NDManager scope, int[] rows) {
        int count = Arrays.stream(rows).sum();
        long[] slots = new long[count];
        long[] positions = new long[count];
        int row = 0;
        for (int slot = 0; slot < rows.length; slot++) {
            for (int i = 0; i < rows[slot]; i++, row++) {
                slots[row] = slot;
                positions[row] = drafter.length(slot) + i;
            }
        }
        return target.features(scope, slots, positions);
    }

    /**
     * Draws from q suit sampling; the one-hot draft of a greedy pass suits every temperature, and all that a target needs
     * to verify it where its logits are.
     */
    private double temperature(List<Sequence> active) {
        if (target.samples()) {
            return 0;
        }
        double first = active.get(0).request().sampling().temperature();
        for (Sequence sequence : active) {
            if (sequence.request().sampling().temperature() != first) {
                return 0;
            }
        }
        return first;
    }

    private static void propose(
            List<Sequence> active, boolean[] ready, ChainDraft chain, int draftLength, Drafts drafts) {
        for (int slot = 0; slot < active.size(); slot++) {
            int count =
                    ready[slot] ? Math.min(chain.count(slot), active.get(slot).draftRoom()) : 0;
            if (count > 0) {
                System.arraycopy(chain.tokens(), slot * draftLength, drafts.buffer(slot), 0, count);
                drafts.propose(slot, count, chain.distributions(slot));
            }
        }
    }

    @Override
    public void close() {
        drafter.close();
    }
}
