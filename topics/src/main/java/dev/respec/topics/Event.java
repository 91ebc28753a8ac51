package dev.respec.topics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One record read from a topic.
 *
 * @param topic as the broker knows it, prefix included
 * @param value null for a tombstone
 * @param traceparent W3C trace context of what the record belongs to; null if it is not traced
 */
public record Event<V>(
        String topic,
        int partition,
        long offset,
        Instant timestamp,
        @Nullable String key,
        @Nullable V value,
        @Nullable String traceparent) {
    /** An event that belongs to no trace. */
    public Event(String topic, int partition, long offset, Instant timestamp, @Nullable String key, @Nullable V value) {
        this(topic, partition, offset, timestamp, key, value, null);
    }

    /** The value of a record of a topic that has no tombstones. */
    public V requireValue() {
        if (value == null) {
            throw new IllegalStateException(position() + " is a tombstone");
        }
        return value;
    }

    /** {@code topic-partition@offset}, for messages. */
    public String position() {
        return topic + "-" + partition + "@" + offset;
    }
}
