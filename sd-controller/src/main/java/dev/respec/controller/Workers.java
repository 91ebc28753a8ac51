package dev.respec.controller;

import java.util.TreeMap;

/** The workers of one class that decode now, so that each trial is run by one of them, in turn. */
final class Workers {
    private final TreeMap<String, Long> heardAt = new TreeMap<>();
    private String last = "";

    void heard(String workerId, long at) {
        heardAt.merge(workerId, at, Math::max);
    }

    /** Drops those of which nothing was heard since. */
    void forget(long since) {
        heardAt.values().removeIf(at -> at < since);
    }

    /** At least 1. */
    int size() {
        return Math.max(1, heardAt.size());
    }

    /** Whose turn it is; empty, which means everybody, if none is known. */
    String next() {
        if (heardAt.isEmpty()) {
            return "";
        }
        String following = heardAt.higherKey(last);
        last = following == null ? heardAt.firstKey() : following;
        return last;
    }
}
