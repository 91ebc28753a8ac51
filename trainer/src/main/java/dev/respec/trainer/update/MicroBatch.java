package dev.respec.trainer.update;

import dev.respec.model.training.SampledBatch;
import dev.respec.model.training.TokenBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows that go through the model together.
 *
 * @param rows positions in the list that was packed
 */
record MicroBatch(List<Integer> rows, SampledBatch tokens) {
    /** As many micro-batches, or a multiple, leave none of 1, 2 or 4 threads without work at the end. */
    private static final int EVEN_SHARES = 4;

    /** Fewer tokens in a micro-batch cost more in calls than an even share saves. */
    private static final int LEAST_TOKENS = 512;

    /**
     * Packs rows of similar length, so that little is padded: rows × longest row stays within the budget, except for a
     * row that is longer by itself. The budget is not used up if micro-batches come out evener without.
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
        return cut(all, sorted, evenBudget(all, sorted, tokenBudget)).stream()
                .map(part -> of(all, part))
                .toList();
    }

    /** The least budget that makes no more micro-batches than the given one, their number rounded up to even shares. */
    private static int evenBudget(List<TrainingRow> all, List<Integer> sorted, int tokenBudget) {
        var parts = cut(all, sorted, tokenBudget).size();
        var wanted = (parts + EVEN_SHARES - 1) / EVEN_SHARES * EVEN_SHARES;
        var tokens = sorted.stream().mapToLong(row -> all.get(row).length()).sum();
        if (tokens < (long) wanted * LEAST_TOKENS) {
            return tokenBudget;
        }
        var low = 1;
        var high = tokenBudget;
        while (low < high) {
            var middle = (low + high) >>> 1;
            if (cut(all, sorted, middle).size() <= wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return high;
    }

    private static List<List<Integer>> cut(List<TrainingRow> all, List<Integer> sorted, int tokenBudget) {
        var parts = new ArrayList<List<Integer>>();
        var current = new ArrayList<Integer>();
        for (var row : sorted) {
            var fits = (current.size() + 1L) * all.get(row).length() <= tokenBudget;
            var alike = current.isEmpty()
                    || all.get(current.get(0)).temperature() == all.get(row).temperature();
            if (!current.isEmpty() && !(fits && alike)) {
                parts.add(List.copyOf(current));
                current.clear();
            }
            current.add(row);
        }
        if (!current.isEmpty()) {
            parts.add(List.copyOf(current));
        }
        return parts;
    }

    /** Packs all rows. */
    static List<MicroBatch> packAll(List<TrainingRow> all, int tokenBudget) {
        return pack(all, IntStream.range(0, all.size()).boxed().toList(), tokenBudget);
    }

    private static MicroBatch of(List<TrainingRow> all, List<Integer> rows) {
        var tokens = new TokenBatch(
                rows.stream().map(row -> all.get(row).promptTokens()).toList(),
                rows.stream().map(row -> all.get(row).responseTokens()).toList());
        return new MicroBatch(
                rows, new SampledBatch(tokens, all.get(rows.get(0)).temperature()));
    }
}
