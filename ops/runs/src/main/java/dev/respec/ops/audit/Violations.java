package dev.respec.ops.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what does not hold: the first few of a kind in full, the rest as a number. */
final class Violations {
    private static final int MOST_OF_A_KIND = 3;

    private final Map<String, List<String>> byKind = new LinkedHashMap<>();

    /**
     * @param kind the rule that is broken, constant
     * @param detail what breaks it
     */
    void add(String kind, String detail) {
        byKind.computeIfAbsent(kind, k -> new ArrayList<>()).add(detail);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        byKind.forEach((kind, details) -> {
            details.stream().limit(MOST_OF_A_KIND).forEach(detail -> lines.add(kind + ": " + detail));
            if (details.size() > MOST_OF_A_KIND) {
                lines.add(kind + ": and " + (details.size() - MOST_OF_A_KIND) + " more");
            }
        });
        return lines;
    }
}
