package dev.respec.speculation;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The setting in force for each active batch, and the comparisons to run beside it. Immutable. */
public final class SettingTable {
    private static final SettingTable PLAIN = always(Setting.OFF);

    private final long version;
    private final NavigableMap<Integer, Entry> byLargestBatch;

    /**
     * A rival to compare with the setting in force.
     *
     * @param id a trial runs once
     * @param turnSteps least steps of a turn, without the first after a change of setting
     * @param turnMilliseconds least time of a turn, likewise
     * @param pairs pairs of turns; they run two at a time
     */
    public record Trial(long id, Setting rival, int turnSteps, double turnMilliseconds, int pairs) {
        public Trial {
            if (turnSteps < 1 || pairs < 1 || !(turnMilliseconds >= 0)) {
                throw new IllegalArgumentException(
                        "trial %d of %s: %d pairs of %d steps and %s ms, expected at least 1, 1 and 0"
                                .formatted(id, rival, pairs, turnSteps, turnMilliseconds));
            }
        }
    }

    /**
     * The setting of one range of active batches.
     *
     * @param trials to run while the entry applies, in order
     */
    public record Entry(Setting setting, List<Trial> trials) {
        public Entry {
            trials = List.copyOf(trials);
        }
    }

    private SettingTable(NavigableMap<Integer, Entry> byLargestBatch, long version) {
        if (byLargestBatch.isEmpty()) {
            throw new IllegalArgumentException("a table of settings needs at least one entry");
        }
        this.version = version;
        this.byLargestBatch = byLargestBatch;
    }

    /** @param byLargestBatch largest active batch to its setting; the largest key also serves larger batches */
    public SettingTable(long version, Map<Integer, Setting> byLargestBatch) {
        this(
                new TreeMap<>(byLargestBatch.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> new Entry(each.getValue(), List.of())))),
                version);
    }

    /** A table with comparisons. */
    public static SettingTable of(long version, Map<Integer, Entry> byLargestBatch) {
        return new SettingTable(new TreeMap<>(byLargestBatch), version);
    }

    /** Plain decoding at every batch. */
    public static SettingTable plain() {
        return PLAIN;
    }

    /** One setting at every batch. */
    public static SettingTable always(Setting setting) {
        return new SettingTable(0, Map.of(Integer.MAX_VALUE, setting));
    }

    public Setting forBatch(int activeSequences) {
        return entry(activeSequences).getValue().setting();
    }

    /** The entry that applies, by its largest batch. */
    public Map.Entry<Integer, Entry> entry(int activeSequences) {
        var entry = byLargestBatch.ceilingEntry(activeSequences);
        return entry == null ? byLargestBatch.lastEntry() : entry;
    }

    /** Whether any entry of the table names the trial. */
    public boolean names(long trialId) {
        return byLargestBatch.values().stream()
                .flatMap(entry -> entry.trials().stream())
                .anyMatch(trial -> trial.id() == trialId);
    }

    public long version() {
        return version;
    }

    @Override
    public String toString() {
        return byLargestBatch.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue().setting())
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
