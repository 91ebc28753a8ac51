package dev.respec.model.suffix;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Counts of all strings up to a maximum depth over a set of growing sequences, and what most probably follows a context
 * (suffix decoding, Oliaro et al. 2024). After a match the probability of a continuation is the product of
 * count(child) / count(parent), where the end of a sequence counts as an occurrence without continuation.
 *
 * <p>A match and its continuation together never exceed maxDepth. Sequences may grow in any interleaving and be removed;
 * what they occupied is given back once more than half of it is unused. One thread at a time.
 */
public final class SuffixTree {
    private static final int REBUILD_FROM = 1024;

    private final int maxDepth;
    private final SuffixAutomaton automaton = new SuffixAutomaton();
    private final Set<Sequence> sequences = new LinkedHashSet<>();
    private final SuffixSearch search = new SuffixSearch(automaton);
    private long tokens;
    private long removedTokens;

    /** A sequence of the tree, owned by it. */
    public static final class Sequence {
        private int[] tokens = new int[16];
        private int length;
        private int state = SuffixAutomaton.ROOT;
        private boolean removed;

        private Sequence() {}

        public int length() {
            return length;
        }

        int[] tokens() {
            return tokens;
        }
    }

    public SuffixTree(int maxDepth) {
        if (maxDepth < 2) {
            throw new IllegalArgumentException("maximum depth must be at least 2, found " + maxDepth);
        }
        this.maxDepth = maxDepth;
    }

    /** Tokens held, those of removed sequences included until their space is given back. */
    public long tokens() {
        return tokens + removedTokens;
    }

    /** Starts an empty sequence. */
    public Sequence open() {
        var sequence = new Sequence();
        sequences.add(sequence);
        return sequence;
    }

    /** Appends tokens[from … to-1]. */
    public void append(Sequence sequence, int[] appended, int from, int to) {
        if (sequence.removed) {
            throw new IllegalStateException("the sequence was removed");
        }
        int needed = sequence.length + to - from;
        if (needed > sequence.tokens.length) {
            sequence.tokens = Arrays.copyOf(sequence.tokens, Math.max(needed, 2 * sequence.tokens.length));
        }
        for (int i = from; i < to; i++) {
            sequence.tokens[sequence.length++] = appended[i];
            sequence.state = automaton.append(sequence.state, appended[i]);
        }
        tokens += to - from;
    }

    /** Takes a sequence out of the counts; nothing happens if it already was. */
    public void remove(Sequence sequence) {
        if (sequence.removed) {
            return;
        }
        sequence.removed = true;
        sequences.remove(sequence);
        int state = SuffixAutomaton.ROOT;
        for (int i = 0; i < sequence.length; i++) {
            state = automaton.next(state, sequence.tokens[i]);
            automaton.addOccurrence(state, -1);
        }
        tokens -= sequence.length;
        removedTokens += sequence.length;
        if (removedTokens > Math.max(REBUILD_FROM, tokens)) {
            rebuild();
        }
    }

    /**
     * Drafts the most probable path after context[from … to-1]: for every suffix of the context that occurs (never the
     * whole context), follows the most frequent token; keeps the best score, the longer match on equal scores.
     *
     * @param maxTokens most tokens to draft
     * @return this tree's own draft, possibly empty, overwritten by the next call
     */
    public SuffixDraft speculate(int[] context, int from, int to, int maxTokens, SuffixOptions options) {
        return search.path(context, from, to, maxDepth, maxTokens, options);
    }

    private void rebuild() {
        automaton.clear();
        removedTokens = 0;
        for (var sequence : sequences) {
            sequence.state = SuffixAutomaton.ROOT;
            for (int i = 0; i < sequence.length; i++) {
                sequence.state = automaton.append(sequence.state, sequence.tokens[i]);
            }
        }
    }
}
