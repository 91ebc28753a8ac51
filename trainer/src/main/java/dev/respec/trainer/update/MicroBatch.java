package dev.respec.trainer.update;

import dev.respec.model.training.SampledBatch;
import dev.respec.model.training.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows that go through the model together.
 *
 * @param rows positions in the list that was packed
 * @param computedTokens with what rows are filled up with, or with shared prompts once
 */
record MicroBatch(List<Integer> rows, SampledBatch tokens, long computedTokens) {
    /** As many micro-batches, or a multiple, leave none of 1, 2 or 4 threads without work at the end. */
    private static final int EVEN_SHARES = 4;

    /** Fewer tokens in a micro-batch cost more in calls than an even share saves. */
    private static final int LEAST_TOKENS = 512;

    /** How a policy computes the rows of a micro-batch. */
    private enum Layout {
        /** Each row fills up to the longest one. */
        PADDED,
        /** One after the other, and the prompt of several rows once. */
        DENSE
    }

    /**
     * Packs rows that go well together. For a policy that computes rows densely they are those of the same prompts;
     * otherwise those of similar length, so that little is padded: rows × longest row stays within the budget. A row that
     * exceeds it by itself is a micro-batch. The budget is not used up if micro-batches come out evener without.
     *
     * @param rows positions of the rows to be packed
     * @param tokenBudget tokens of a micro-batch that the policy computes
     * @param mostDenseTokens length of the longest row that the policy computes densely
     */
    static List<MicroBatch> pack(List<TrainingRow> all, List<Integer> rows, int tokenBudget, int mostDenseTokens) {
        var dense = rows.stream().allMatch(row -> all.get(row).length() <= mostDenseTokens);
        var layout = dense ? Layout.DENSE : Layout.PADDED;
        var byTemperature =
                Comparator.comparingDouble((Integer row) -> all.get(row).temperature());
        var alike = dense
                ? byTemperature
                : byTemperature.thenComparing(row -> all.get(row).length());
        // the rows of a prompt are next to each other from the beginning
        var sorted = rows.stream()
                .sorted(alike.thenComparing(Comparator.naturalOrder()))
                .toList();
        return cut(all, sorted, evenBudget(all, sorted, tokenBudget, layout), layout).stream()
                .map(part -> of(all, part, layout))
                .toList();
    }

    /** The least budget that makes no more micro-batches than the given one, their number rounded up to even shares. */
    private static int evenBudget(List<TrainingRow> all, List<Integer> sorted, int tokenBudget, Layout layout) {
        var parts = cut(all, sorted, tokenBudget, layout).size();
        var wanted = (parts + EVEN_SHARES - 1) / EVEN_SHARES * EVEN_SHARES;
        var tokens = sorted.stream().mapToLong(row -> all.get(row).length()).sum();
        if (tokens < (long) wanted * LEAST_TOKENS) {
            return tokenBudget;
        }
        var low = 1;
        var high = tokenBudget;
        while (low < high) {
            var middle = (low + high) >>> 1;
            if (cut(all, sorted, middle, layout).size() <= wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return high;
    }

    private static List<List<Integer>> cut(
            List<TrainingRow> all, List<Integer> sorted, int tokenBudget, Layout layout) {
        var parts = new ArrayList<List<Integer>>();
        var current = new ArrayList<Integer>();
        var tokens = 0L;
        for (var row : sorted) {
            var together = layout == Layout.DENSE
                    ? tokens + added(all, current, all.get(row))
                    : (current.size() + 1L) * all.get(row).length();
            var fits = together <= tokenBudget;
            var alike = current.isEmpty()
                    || all.get(current.get(0)).temperature() == all.get(row).temperature();
            if (!current.isEmpty() && !(fits && alike)) {
                parts.add(List.copyOf(current));
                current.clear();
                together = all.get(row).length();
            }
            current.add(row);
            tokens = together;
        }
        if (!current.isEmpty()) {
            parts.add(List.copyOf(current));
        }
        return parts;
    }

    /** Tokens that a row adds, whose prompt may be there. */
    private static int added(List<TrainingRow> all, List<Integer> current, TrainingRow row) {
        var shares = !current.isEmpty()
                && Arrays.equals(all.get(current.get(current.size() - 1)).promptTokens(), row.promptTokens());
        return shares ? row.length() - row.promptTokens().length : row.length();
    }

    /** Packs all rows. */
    static List<MicroBatch> packAll(List<TrainingRow> all, int tokenBudget, int mostDenseTokens) {
        return pack(all, IntStream.range(0, all.size()).boxed().toList(), tokenBudget, mostDenseTokens);
    }

    private static MicroBatch of(List<TrainingRow> all, List<Integer> rows, Layout layout) {
        var tokens = new TokenBatch(
                rows.stream().map(row -> all.get(row).promptTokens()).toList(),
                rows.stream().map(row -> all.get(row).responseTokens()).toList());
        long computed = tokens.paddedTokenCount();
        if (layout == Layout.DENSE) {
            computed = 0;
            for (int i = 0; i < rows.size(); i++) {
                computed += added(all, rows.subList(0, i), all.get(rows.get(i)));
            }
        }
        return new MicroBatch(
                rows, new SampledBatch(tokens, all.get(rows.get(0)).temperature()), computed);
    }
}
