package dev.respec.trainer.update;

import dev.respec.model.training.TokenBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows that go through the model together.
 *
 * @param rows positions in the list that was packed
 * @param temperature of all its rows
 */
record MicroBatch(List<Integer> rows, TokenBatch tokens, double temperature) {
    /**
     * Packs rows of similar length, so that little is padded: rows × longest row stays within the budget, except for a
     * row that is longer by itself.
     *
     * @param rows positions of the rows to be packed
     * @param tokenBudget padded tokens of a micro-batch
     */
    static List<MicroBatch> pack(List<TrainingRow> all, List<Integer> rows, int tokenBudget) {
        var sorted = rows.stream()
                .sorted(Comparator.comparingDouble((Integer row) -> all.get(row).temperature())
                        .thenComparing(row -> all.get(row).length())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        var batches = new ArrayList<MicroBatch>();
        var current = new ArrayList<Integer>();
        for (var row : sorted) {
            var fits = (current.size() + 1L) * all.get(row).length() <= tokenBudget;
            var alike = current.isEmpty()
                    || all.get(current.get(0)).temperature() == all.get(row).temperature();
            if (!current.isEmpty() && !(fits && alike)) {
                batches.add(of(all, current));
                current.clear();
            }
            current.add(row);
        }
        if (!current.isEmpty()) {
            batches.add(of(all, current));
        }
        return batches;
    }

    /** Packs all rows. */
    static List<MicroBatch> packAll(List<TrainingRow> all, int tokenBudget) {
        return pack(all, IntStream.range(0, all.size()).boxed().toList(), tokenBudget);
    }

    private static MicroBatch of(List<TrainingRow> all, List<Integer> rows) {
        var tokens = new TokenBatch(
                rows.stream().map(row -> all.get(row).promptTokens()).toList(),
                rows.stream().map(row -> all.get(row).responseTokens()).toList());
        return new MicroBatch(List.copyOf(rows), tokens, all.get(rows.get(0)).temperature());
    }
}
