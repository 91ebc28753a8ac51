package dev.respec.topics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What part of a topic is read again.
 *
 * @param partition the only one; null for all
 * @param fromOffset first offset of each partition; null for its first record
 * @param toOffset one past the last offset of each partition; null for its end
 * @param since timestamp of the first record; null for any
 * @param until records of this time and later are left out; null for none
 */
public record LogRange(
        @Nullable Integer partition,
        @Nullable Long fromOffset,
        @Nullable Long toOffset,
        @Nullable Instant since,
        @Nullable Instant until) {
    public LogRange {
        if (fromOffset != null && toOffset != null && toOffset < fromOffset) {
            throw new IllegalArgumentException(
                    "offsets %d to %d: the end is before the start".formatted(fromOffset, toOffset));
        }
    }

    /** Everything there is. */
    public static LogRange all() {
        return new LogRange(null, null, null, null, null);
    }

    boolean holds(int number) {
        return partition == null || partition == number;
    }

    boolean holds(Event<?> event) {
        return (since == null || !event.timestamp().isBefore(since))
                && (until == null || event.timestamp().isBefore(until));
    }
}
