package dev.respec.stage.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The name that was probably meant by one that does not exist. */
public final class Suggestion {
    private Suggestion() {}

    /** The nearest name; empty if none is near. Ties go to the first in alphabetical order. */
    public static Optional<String> nearest(String wrong, Collection<String> names) {
        int most = Math.max(1, wrong.length() / 3);
        return names.stream()
                .sorted()
                .min(Comparator.comparingInt(name -> distance(wrong, name)))
                .filter(name -> distance(wrong, name) <= most);
    }

    /** A sentence for an error message, "; did you mean x?", or nothing. */
    public static String sentence(String wrong, Collection<String> names) {
        return nearest(wrong, names).map("; did you mean '%s'?"::formatted).orElse("");
    }

    /** Insertions, deletions, replacements and swaps of neighbours (restricted Damerau-Levenshtein distance). */
    static int distance(String one, String other) {
        var rows = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : cheapest(rows, one, other, i, j);
            }
        }
        return rows[one.length()][other.length()];
    }

    private static int cheapest(int[][] rows, String one, String other, int i, int j) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int cost = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
        boolean swapped =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(cost, rows[i - 2][j - 2] + 1) : cost;
    }
}
