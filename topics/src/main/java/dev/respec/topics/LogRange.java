package dev.respec.topics;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What part of a topic is read again.
 *
 * @param partition the only one; null for all
 * @param fromOffset first offset of each partition; null for its first record
 * @param toOffset one past the last offset of each partition; null for its end
 * @param since timestamp of the first record; null for any
 * @param until records of this time and later are left out; null for none
 * @param fromOffsets first offset by partition, for those that have one of their own
 */
public record LogRange(
        @Nullable Integer partition,
        @Nullable Long fromOffset,
        @Nullable Long toOffset,
        @Nullable Instant since,
        @Nullable Instant until,
        Map<Integer, Long> fromOffsets) {
    public LogRange {
        fromOffsets = Map.copyOf(fromOffsets);
        if (fromOffset != null && toOffset != null && toOffset < fromOffset) {
            throw new IllegalArgumentException(
                    "offsets %d to %d: the end is before the start".formatted(fromOffset, toOffset));
        }
    }

    /** A range that begins alike in every partition. */
    public LogRange(
            @Nullable Integer partition,
            @Nullable Long fromOffset,
            @Nullable Long toOffset,
            @Nullable Instant since,
            @Nullable Instant until) {
        this(partition, fromOffset, toOffset, since, until, Map.of());
    }

    /** Everything there is. */
    public static LogRange all() {
        return after(Map.of());
    }

    /**
     * What was written since an earlier reading.
     *
     * @param ends of that reading, by partition, as {@link RecordedLog#ends} gives them
     */
    public static LogRange after(Map<Integer, Long> ends) {
        return new LogRange(null, null, null, null, null, ends);
    }

    boolean holds(int number) {
        return partition == null || partition == number;
    }

    boolean holds(Event<?> event) {
        return (since == null || !event.timestamp().isBefore(since))
                && (until == null || event.timestamp().isBefore(until));
    }
}
