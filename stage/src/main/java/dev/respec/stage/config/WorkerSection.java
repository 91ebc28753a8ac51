package dev.respec.stage.config;

import java.time.Duration;
import java.util.List;

public record WorkerSection(
        String id,
        int slots,
        int capacity,
        int threads,
        Duration statisticsInterval,
        Duration statusInterval,
        Suffix suffix,
        DraftLengths draftLengths,
        List<Integer> costBatches,
        Duration costBudget,
        boolean keepKeyValues,
        int refillWindow) {
    public WorkerSection {
        InvalidValue.atLeast(1, "slots", slots);
        InvalidValue.atLeast(2, "capacity", capacity);
        InvalidValue.atLeast(1, "threads", threads);
        costBatches = List.copyOf(costBatches);
        requireAscending("cost-batches", costBatches);
        InvalidValue.require(!costBatches.isEmpty(), "cost-batches", costBatches, "at least one batch size");
        InvalidValue.atLeast(0, "refill-window", refillWindow);
    }

    public record Suffix(int maxDepth, int window, int maxLength) {
        public Suffix {
            InvalidValue.atLeast(2, "max-depth", maxDepth);
            InvalidValue.atLeast(1, "window", window);
            InvalidValue.atLeast(1, "max-length", maxLength);
        }
    }

    /** Draft lengths to choose from, by drafter; none switches the drafter off. */
    public record DraftLengths(List<Integer> suffix, List<Integer> eagle3) {
        public DraftLengths {
            suffix = List.copyOf(suffix);
            eagle3 = List.copyOf(eagle3);
            requireAscending("suffix", suffix);
            requireAscending("eagle3", eagle3);
        }
    }

    private static void requireAscending(String key, List<Integer> values) {
        int before = 0;
        for (int value : values) {
            InvalidValue.require(value > before, key, values, "ascending numbers of at least 1");
            before = value;
        }
    }
}
