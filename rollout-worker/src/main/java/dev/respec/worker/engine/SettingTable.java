package dev.respec.worker.engine;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The setting in force for each active batch. Immutable. */
public final class SettingTable {
    private static final SettingTable PLAIN = new SettingTable(0, Map.of(Integer.MAX_VALUE, Setting.OFF));

    private final long version;
    private final NavigableMap<Integer, Setting> byLargestBatch;

    /** @param byLargestBatch largest active batch to its setting; the largest key also serves what is larger */
    public SettingTable(long version, Map<Integer, Setting> byLargestBatch) {
        if (byLargestBatch.isEmpty()) {
            throw new IllegalArgumentException("a table of settings needs at least one entry");
        }
        this.version = version;
        this.byLargestBatch = new TreeMap<>(byLargestBatch);
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
        var entry = byLargestBatch.ceilingEntry(activeSequences);
        return (entry == null ? byLargestBatch.lastEntry() : entry).getValue();
    }

    public long version() {
        return version;
    }

    @Override
    public String toString() {
        return byLargestBatch.toString();
    }
}
