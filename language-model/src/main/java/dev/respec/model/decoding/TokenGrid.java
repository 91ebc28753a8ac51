package dev.respec.model.decoding;

import java.util.Arrays;

/**
 * Tokens of one step: for each of B sequences, in slot order, a run of tokens and the position of the first. Token i of a
 * run goes to cache column start + i. A run is a chain, or a tree whose nodes see themselves and their ancestors only and
 * stand at position start + depth. Reused from step to step.
 */
public final class TokenGrid {
    private int sequences;
    private int tokenCount;
    private int width;
    private int visible;
    private boolean branched;
    private int[] counts = new int[16];
    private int[] starts = new int[16];
    private int[] tokens = new int[64];
    private int[] parents = new int[64];
    private int[] depths = new int[64];

    public void clear() {
        sequences = 0;
        tokenCount = 0;
        width = 0;
        visible = 0;
        branched = false;
    }

    /** Begins the next sequence. */
    public void begin(int start) {
        if (sequences == counts.length) {
            counts = Arrays.copyOf(counts, 2 * sequences);
            starts = Arrays.copyOf(starts, 2 * sequences);
        }
        counts[sequences] = 0;
        starts[sequences++] = start;
    }

    /** Adds a token behind the last of the sequence begun last. */
    public void add(int token) {
        addNode(token, counts[sequences - 1] - 1);
    }

    /** Adds the first count of these tokens, each behind the one before. */
    public void add(int[] run, int from, int count) {
        for (int i = 0; i < count; i++) {
            add(run[from + i]);
        }
    }

    /**
     * Adds a tree node to the sequence begun last.
     *
     * @param parent index in the run of the node it continues, -1 for the first
     */
    public void addNode(int token, int parent) {
        if (tokenCount == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * tokenCount);
            parents = Arrays.copyOf(parents, 2 * tokenCount);
            depths = Arrays.copyOf(depths, 2 * tokenCount);
        }
        int index = counts[sequences - 1]++;
        if (parent >= index || (parent < 0) != (index == 0)) {
            throw new IllegalArgumentException("node " + index + " of a run cannot continue node " + parent);
        }
        tokens[tokenCount] = token;
        parents[tokenCount] = parent;
        depths[tokenCount] = parent < 0 ? 0 : depths[tokenCount - index + parent] + 1;
        tokenCount++;
        branched |= parent != index - 1;
        width = Math.max(width, index + 1);
        visible = Math.max(visible, starts[sequences - 1] + index + 1);
    }

    public int sequences() {
        return sequences;
    }

    public int tokenCount() {
        return tokenCount;
    }

    /** Longest run. */
    public int width() {
        return width;
    }

    /** One past the highest cache column in use. */
    public int visible() {
        return visible;
    }

    /** Whether a run is a tree with more than one path. */
    public boolean branched() {
        return branched;
    }

    public int count(int sequence) {
        return counts[sequence];
    }

    public int start(int sequence) {
        return starts[sequence];
    }

    /** Token of a place in the grid. */
    public int token(int index) {
        return tokens[index];
    }

    /** Index in its run of the node that a place continues, -1 for the first. */
    public int parent(int index) {
        return parents[index];
    }

    /** Edges between a place and the first of its run. */
    public int depth(int index) {
        return depths[index];
    }
}
