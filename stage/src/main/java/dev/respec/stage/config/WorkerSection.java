package dev.respec.stage.config;

import dev.respec.speculation.Setting;
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
        List<String> draftTrees,
        DraftLimit draftLimit,
        List<Integer> costBatches,
        Duration costBudget,
        boolean keepKeyValues,
        int keyValueMegabytes,
        String device) {
    /** Nodes of a tree for which the drafter's cache has columns. */
    private static final int MOST_EXPANDED = 128;

    /** A worker that is silent for 3 s counts as dead. */
    private static final Duration LONGEST_STATUS_INTERVAL = Duration.ofSeconds(1);

    public WorkerSection {
        InvalidValue.atLeast(1, "slots", slots);
        InvalidValue.atLeast(2, "capacity", capacity);
        InvalidValue.atLeast(1, "threads", threads);
        InvalidValue.require(
                statusInterval.compareTo(Duration.ofMillis(50)) >= 0
                        && statusInterval.compareTo(LONGEST_STATUS_INTERVAL) <= 0,
                "status-interval",
                statusInterval,
                "between 50ms and 1s: it is the heartbeat by which the trainer knows that the worker lives");
        costBatches = List.copyOf(costBatches);
        requireAscending("cost-batches", costBatches);
        InvalidValue.require(!costBatches.isEmpty(), "cost-batches", costBatches, "at least one batch size");
        InvalidValue.atLeast(0, "key-value-megabytes", keyValueMegabytes);
        draftTrees = List.copyOf(draftTrees);
        draftTrees.forEach(WorkerSection::requireTree);
        DeviceSetting.requireOwn(device);
    }

    /** What ends a draft before it has the length of the setting. */
    public enum DraftLimit {
        CONFIDENCE,
        NONE
    }

    public record Suffix(int maxDepth, int window, int maxLength) {
        public Suffix {
            InvalidValue.atLeast(2, "max-depth", maxDepth);
            InvalidValue.atLeast(1, "window", window);
            InvalidValue.atLeast(1, "max-length", maxLength);
        }
    }

    /** Draft lengths to choose from, by drafter; none switches the drafter off. */
    public record DraftLengths(List<Integer> suffix, List<Integer> eagle3, List<Integer> model) {
        public DraftLengths {
            suffix = List.copyOf(suffix);
            eagle3 = List.copyOf(eagle3);
            requireAscending("suffix", suffix);
            requireAscending("eagle3", eagle3);
            model = List.copyOf(model);
            requireAscending("model", model);
        }
    }

    private static void requireTree(String tree) {
        boolean holds = false;
        try {
            Setting setting = Setting.tree("eagle3", tree);
            holds = setting.branching() > 1 && expanded(setting) <= MOST_EXPANDED;
        } catch (IllegalArgumentException e) {
            // the message below says what is expected
        }
        InvalidValue.require(
                holds,
                "draft-trees",
                tree,
                "depth x branching / tokens with at least depth tokens, as 4x3/12, and (depth - 1) x branching at most "
                        + MOST_EXPANDED);
    }

    /** @throws IllegalArgumentException if a drafter's cache has no room for the setting's tree */
    public static void requireDrafterRoom(Setting setting) {
        if (setting.branching() > 1 && expanded(setting) > MOST_EXPANDED) {
            throw new IllegalArgumentException(
                    setting + ": expected (depth - 1) x branching of at most " + MOST_EXPANDED);
        }
    }

    private static int expanded(Setting tree) {
        return (tree.draftLength() - 1) * tree.branching();
    }

    private static void requireAscending(String key, List<Integer> values) {
        int before = 0;
        for (int value : values) {
            InvalidValue.require(value > before, key, values, "ascending numbers of at least 1");
            before = value;
        }
    }
}
