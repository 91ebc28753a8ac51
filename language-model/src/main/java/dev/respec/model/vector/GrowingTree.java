package dev.respec.model.vector;

import dev.respec.model.decoding.DrafterKernel;
import java.util.Arrays;

/** One sequence's tree while it grows: all candidates so far and the nodes expanded last. */
final class GrowingTree {
    private final int vocabulary;
    private final int branching;
    private final float[] scores;
    private final int[] tokens;
    private final int[] parents;
    private final int[] depths;
    private final boolean[][] sees;
    private int count;
    private int[] index;
    private float[] frontier;
    private int[] places;

    /**
     * @param vocabulary draft tokens
     * @param nodes expanded over all levels
     * @param candidates nodes that may be proposed
     */
    GrowingTree(int vocabulary, int branching, int nodes, int candidates) {
        this.vocabulary = vocabulary;
        this.branching = branching;
        scores = new float[candidates];
        tokens = new int[candidates];
        parents = new int[candidates];
        depths = new int[candidates];
        sees = new boolean[nodes][nodes];
        index = new int[branching];
        frontier = new float[branching];
        places = new int[branching];
    }

    /** The draft token of a node that is expanded next. */
    int next(int node) {
        return index[node];
    }

    /** Which expanded nodes each of them sees: its ancestors and itself. */
    boolean[][] sees() {
        return sees;
    }

    /** Takes the root's logits from an index on. */
    void root(float[] logits, int from) {
        float[] row = logProbabilities(logits, from);
        int[] best = top(row, branching);
        for (int k = 0; k < branching; k++) {
            add(row[best[k]], best[k], 0, 1);
            index[k] = best[k];
            frontier[k] = row[best[k]];
            places[k] = k;
            if (sees.length > 0) {
                sees[k][k] = true;
            }
        }
    }

    /** Takes the children of the nodes of a level; returns which of them the next level's nodes continue. */
    int[] grow(int level, float[] logits, int from, int stride) {
        int placed = count;
        float[] cumulative = new float[branching * branching];
        int[] ids = new int[branching * branching];
        for (int k = 0; k < branching; k++) {
            float[] row = logProbabilities(logits, from + k * stride);
            int[] best = top(row, branching);
            for (int i = 0; i < branching; i++) {
                cumulative[k * branching + i] = row[best[i]] + frontier[k];
                ids[k * branching + i] = best[i];
                add(row[best[i]] + frontier[k], best[i], places[k] + 1, level + 2);
            }
        }
        int[] best = top(cumulative, branching);
        int[] continued = new int[branching];
        int own = level * branching;
        for (int k = 0; k < branching; k++) {
            continued[k] = best[k] / branching;
            index[k] = ids[best[k]];
            frontier[k] = cumulative[best[k]];
            places[k] = placed + best[k];
            int node = own + branching + k;
            if (node < sees.length) {
                System.arraycopy(sees[own + continued[k]], 0, sees[node], 0, node);
                sees[node][node] = true;
            }
        }
        return continued;
    }

    private void add(float score, int token, int parent, int depth) {
        scores[count] = score;
        tokens[count] = token;
        parents[count] = parent;
        depths[count++] = depth;
    }

    private float[] logProbabilities(float[] logits, int from) {
        int size = vocabulary;
        double largest = logits[from + GrowingChains.best(logits, from, size)];
        double total = 0;
        for (int i = 0; i < size; i++) {
            total += Math.exp(logits[from + i] - largest);
        }
        double shift = largest + Math.log(total);
        float[] row = new float[size];
        for (int i = 0; i < size; i++) {
            row[i] = (float) (logits[from + i] - shift);
        }
        return row;
    }

    /** The root and the best candidates, in order of creation. */
    void keepBest(int total, int[] targetIds, DrafterKernel.Tree into, int at) {
        int[] kept = top(Arrays.copyOf(scores, count), total - 1);
        Arrays.sort(kept);
        int[] renumbered = new int[count + 1];
        for (int i = 0; i < kept.length; i++) {
            renumbered[kept[i] + 1] = i + 1;
        }
        into.tokens()[at] = -1;
        into.parents()[at] = -1;
        for (int i = 0; i < kept.length; i++) {
            into.tokens()[at + 1 + i] = targetIds[tokens[kept[i]]];
            into.parents()[at + 1 + i] = renumbered[parents[kept[i]]];
            into.depths()[at + 1 + i] = depths[kept[i]];
            into.logProbabilities()[at + 1 + i] = scores[kept[i]];
        }
    }

    /** Places of the largest values, largest first; the first of equal ones. */
    private static int[] top(float[] values, int count) {
        int[] best = new int[count];
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            if (found == count && (count == 0 || values[i] <= values[best[count - 1]])) {
                continue;
            }
            int at = found < count ? found++ : count - 1;
            for (; at > 0 && values[i] > values[best[at - 1]]; at--) {
                best[at] = best[at - 1];
            }
            best[at] = i;
        }
        return best;
    }
}
