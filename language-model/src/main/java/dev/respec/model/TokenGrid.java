package dev.respec.model;

import java.util.Arrays;

/**
 * Tokens of one step: for each of B sequences, in slot order, a run of tokens and the position of the first. Reused from
 * step to step.
 */
public final class TokenGrid {
    private int sequences;
    private int tokenCount;
    private int width;
    private int visible;
    private int[] counts = new int[16];
    private int[] starts = new int[16];
    private int[] tokens = new int[64];

    public void clear() {
        sequences = 0;
        tokenCount = 0;
        width = 0;
        visible = 0;
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

    /** Adds a token to the sequence begun last. */
    public void add(int token) {
        if (tokenCount == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * tokenCount);
        }
        tokens[tokenCount++] = token;
        int count = ++counts[sequences - 1];
        width = Math.max(width, count);
        visible = Math.max(visible, starts[sequences - 1] + count);
    }

    /** Adds the first count of these tokens. */
    public void add(int[] run, int from, int count) {
        for (int i = 0; i < count; i++) {
            add(run[from + i]);
        }
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

    /** One past the highest position in use. */
    public int visible() {
        return visible;
    }

    public int count(int sequence) {
        return counts[sequence];
    }

    public int start(int sequence) {
        return starts[sequence];
    }

    int token(int index) {
        return tokens[index];
    }
}
