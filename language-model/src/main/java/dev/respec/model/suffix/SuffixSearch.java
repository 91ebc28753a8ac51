package dev.respec.model.suffix;

import static dev.respec.model.suffix.SuffixAutomaton.NONE;
import static dev.respec.model.suffix.SuffixAutomaton.ROOT;

/**
 * Finds the best draft in an automaton. All matches that share a state have the same continuations, so they are walked
 * once, and matches that are too short to beat the best score so far are not walked at all.
 */
final class SuffixSearch {
    private final SuffixAutomaton automaton;
    private SuffixDraft best = new SuffixDraft();
    private SuffixDraft candidate = new SuffixDraft();

    SuffixSearch(SuffixAutomaton automaton) {
        this.automaton = automaton;
    }

    SuffixDraft path(int[] context, int from, int to, int maxDepth, int maxTokens, SuffixOptions options) {
        best.clear();
        long match = longestMatch(context, from, to, maxDepth);
        int state = (int) (match >> 32);
        int longest = (int) match;
        best.matched(longest);
        while (state != ROOT && mayImprove(longest, maxTokens, options)) {
            int shortest = automaton.length(automaton.link(state)) + 1;
            int limit = 0;
            for (int length = shortest; length <= longest; length++) {
                limit = Math.max(limit, limit(length, maxDepth, maxTokens, options));
            }
            candidate.clear();
            walk(state, limit, options.minimumProbability());
            int length = longest;
            while (limit(length, maxDepth, maxTokens, options) < candidate.count()) {
                length--;
            }
            keepBetter(length);
            state = automaton.link(state);
            longest = automaton.length(state);
        }
        return best;
    }

    /** Score is at most one per token, and no shorter match may draft more tokens by the factor. */
    private boolean mayImprove(int matchLength, int maxTokens, SuffixOptions options) {
        return Math.min(maxTokens, options.maxTokens(matchLength)) > best.score();
    }

    private static int limit(int matchLength, int maxDepth, int maxTokens, SuffixOptions options) {
        return Math.min(Math.min(maxTokens, maxDepth - matchLength), options.maxTokens(matchLength));
    }

    private void keepBetter(int matchLength) {
        if (candidate.score() > best.score()) {
            candidate.matched(matchLength);
            var swapped = best;
            best = candidate;
            candidate = swapped;
        }
    }

    /** State (high half) and length (low half) of the longest proper suffix of the context that occurs. */
    private long longestMatch(int[] context, int from, int to, int maxDepth) {
        int state = ROOT;
        int length = 0;
        for (int i = Math.max(from, to - maxDepth); i < to; i++) {
            int next = occurring(automaton.next(state, context[i]));
            while (next == NONE && state != ROOT) {
                state = automaton.link(state);
                length = automaton.length(state);
                next = occurring(automaton.next(state, context[i]));
            }
            if (next != NONE) {
                state = next;
                length++;
            }
        }
        int longest = Math.max(0, Math.min(length, to - from - 1));
        while (state != ROOT && automaton.length(automaton.link(state)) >= longest) {
            state = automaton.link(state);
        }
        return (long) state << 32 | longest;
    }

    private int occurring(int state) {
        return state != NONE && automaton.count(state) > 0 ? state : NONE;
    }

    private void walk(int start, int limit, float minimumProbability) {
        int state = start;
        float probability = 1;
        for (int i = 0; i < limit; i++) {
            int most = NONE;
            int mostCount = 0;
            for (int edge = automaton.firstEdge(state); edge != NONE; edge = automaton.nextEdge(edge)) {
                int count = automaton.count(automaton.edgeTarget(edge));
                if (count > mostCount) {
                    mostCount = count;
                    most = edge;
                }
            }
            probability *= (float) mostCount / automaton.count(state);
            if (most == NONE || probability < minimumProbability) {
                return;
            }
            candidate.add(automaton.edgeToken(most), probability);
            state = automaton.edgeTarget(most);
        }
    }
}
