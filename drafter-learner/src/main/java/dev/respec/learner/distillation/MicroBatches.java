package dev.respec.learner.distillation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Cuts a batch so that rows of similar length share a pass and padding stays small. */
final class MicroBatches {
    private MicroBatches() {}

    /**
     * Cuts a batch.
     *
     * @param tokenBudget largest rows × longest row; a single longer sequence makes a micro-batch of its own
     * @return indices into the batch, each exactly once
     */
    static List<List<Integer>> cut(List<TokenSequence> batch, int tokenBudget) {
        var byLength = IntStream.range(0, batch.size())
                .boxed()
                .sorted(Comparator.comparing(index -> batch.get(index).length()))
                .toList();
        var cuts = new ArrayList<List<Integer>>();
        var current = new ArrayList<Integer>();
        for (int index : byLength) {
            long tokens = (current.size() + 1L) * batch.get(index).length();
            if (!current.isEmpty() && tokens > tokenBudget) {
                cuts.add(List.copyOf(current));
                current.clear();
            }
            current.add(index);
        }
        if (!current.isEmpty()) {
            cuts.add(List.copyOf(current));
        }
        return cuts;
    }
}
