package dev.respec.model.suffix;

import java.util.Arrays;

/**
 * The counted suffix automaton of a growing set of sequences (Blumer et al. 1985, its generalised online form). A state
 * stands for the strings that occur at the same places, of lengths length(link(state))+1 … length(state); its count is
 * the number of those places. It has at most twice as many states as there are tokens, without any limit on depth, and
 * appending costs amortised constant time plus one increment for each suffix state.
 *
 * <p>Kept in int arrays: about 100 bytes per token. One thread at a time.
 */
final class SuffixAutomaton {
    static final int ROOT = 0;
    static final int NONE = -1;

    private int[] length;
    private int[] link;
    private int[] count;
    private int[] firstEdge;
    private int states;

    private int[] edgeSource;
    private int[] edgeToken;
    private int[] edgeTarget;
    private int[] nextEdge;
    private int edges;
    private int[] table; // edge + 1 by hash of (source, token), open addressing

    SuffixAutomaton() {
        int capacity = 32;
        length = new int[capacity];
        link = new int[capacity];
        count = new int[capacity];
        firstEdge = new int[capacity];
        edgeSource = new int[capacity];
        edgeToken = new int[capacity];
        edgeTarget = new int[capacity];
        nextEdge = new int[capacity];
        table = new int[4 * capacity];
        clear();
    }

    void clear() {
        states = 0;
        edges = 0;
        Arrays.fill(table, 0);
        newState(0, NONE);
    }

    int length(int state) {
        return length[state];
    }

    /** The state of the longest suffix that occurs at more places, NONE for the root. */
    int link(int state) {
        return link[state];
    }

    /** Number of occurrences; 0 once all sequences that held the strings are gone. Undefined for the root. */
    int count(int state) {
        return count[state];
    }

    /** The state of the current string followed by a token, NONE if that never occurred. */
    int next(int state, int token) {
        int edge = find(state, token);
        return edge == NONE ? NONE : edgeTarget[edge];
    }

    /** Edges of a state, the newest first, ended by NONE. */
    int firstEdge(int state) {
        return firstEdge[state];
    }

    int nextEdge(int edge) {
        return nextEdge[edge];
    }

    int edgeToken(int edge) {
        return edgeToken[edge];
    }

    int edgeTarget(int edge) {
        return edgeTarget[edge];
    }

    /**
     * Appends a token to a sequence and counts the new occurrences.
     *
     * @param last state of the whole sequence so far, ROOT for an empty one
     * @return state of the whole sequence; remains so, whatever else is appended elsewhere
     */
    int append(int last, int token) {
        int state = extend(last, token);
        addOccurrence(state, 1);
        return state;
    }

    /** Counts (+1) or discounts (-1) one place at which the state's longest string and all its suffixes end. */
    void addOccurrence(int state, int difference) {
        for (int suffix = state; suffix != ROOT; suffix = link[suffix]) {
            count[suffix] += difference;
        }
    }

    private int extend(int last, int token) {
        int existing = next(last, token);
        if (existing != NONE) {
            return length[existing] == length[last] + 1 ? existing : split(last, token, existing);
        }
        int state = newState(length[last] + 1, ROOT);
        int suffix = last;
        while (suffix != NONE) {
            int target = next(suffix, token);
            if (target != NONE) {
                // Not in one expression: splitting may replace the array that the result goes to.
                int longest = length[target] == length[suffix] + 1 ? target : split(suffix, token, target);
                link[state] = longest;
                break;
            }
            addEdge(suffix, token, state);
            suffix = link[suffix];
        }
        return state;
    }

    /** Gives the strings of target that end the extended suffix a state of their own. */
    private int split(int suffix, int token, int target) {
        int shorter = newState(length[suffix] + 1, link[target]);
        count[shorter] = count[target];
        for (int edge = firstEdge[target]; edge != NONE; edge = nextEdge[edge]) {
            addEdge(shorter, edgeToken[edge], edgeTarget[edge]);
        }
        link[target] = shorter;
        for (int source = suffix; source != NONE; source = link[source]) {
            int edge = find(source, token);
            if (edge == NONE || edgeTarget[edge] != target) {
                break;
            }
            edgeTarget[edge] = shorter;
        }
        return shorter;
    }

    private int newState(int stateLength, int stateLink) {
        if (states == length.length) {
            int capacity = 2 * states;
            length = Arrays.copyOf(length, capacity);
            link = Arrays.copyOf(link, capacity);
            count = Arrays.copyOf(count, capacity);
            firstEdge = Arrays.copyOf(firstEdge, capacity);
        }
        length[states] = stateLength;
        link[states] = stateLink;
        count[states] = 0;
        firstEdge[states] = NONE;
        return states++;
    }

    private void addEdge(int source, int token, int target) {
        if (edges == edgeSource.length) {
            growEdges();
        }
        edgeSource[edges] = source;
        edgeToken[edges] = token;
        edgeTarget[edges] = target;
        nextEdge[edges] = firstEdge[source];
        firstEdge[source] = edges;
        insert(edges++);
    }

    private void growEdges() {
        int capacity = 2 * edges;
        edgeSource = Arrays.copyOf(edgeSource, capacity);
        edgeToken = Arrays.copyOf(edgeToken, capacity);
        edgeTarget = Arrays.copyOf(edgeTarget, capacity);
        nextEdge = Arrays.copyOf(nextEdge, capacity);
        table = new int[4 * capacity];
        for (int edge = 0; edge < edges; edge++) {
            insert(edge);
        }
    }

    private void insert(int edge) {
        int mask = table.length - 1;
        int slot = hash(edgeSource[edge], edgeToken[edge]) & mask;
        while (table[slot] != 0) {
            slot = slot + 1 & mask;
        }
        table[slot] = edge + 1;
    }

    private int find(int source, int token) {
        int mask = table.length - 1;
        int slot = hash(source, token) & mask;
        while (table[slot] != 0) {
            int edge = table[slot] - 1;
            if (edgeSource[edge] == source && edgeToken[edge] == token) {
                return edge;
            }
            slot = slot + 1 & mask;
        }
        return NONE;
    }

    private static int hash(int source, int token) {
        int bits = source * 0x9e3779b1 + token * 0x85ebca6b;
        return bits ^ bits >>> 15;
    }
}
