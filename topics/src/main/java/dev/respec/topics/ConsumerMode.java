package dev.respec.topics;

import java.time.Instant;
import java.util.Map;

/** Where a consumer starts and whether it shares the topic with others. Every mode reads committed records only. */
public sealed interface ConsumerMode {
    /** All partitions from their first record on. */
    static ConsumerMode fromBeginning() {
        return new FromBeginning();
    }

    /** All partitions from their end, as it is when the consumer is made. */
    static ConsumerMode fromEnd() {
        return new FromEnd();
    }

    /** All partitions from their first record of this time or later, or from their end if there is none. */
    static ConsumerMode fromTime(Instant time) {
        return new FromTime(time);
    }

    /** All partitions from the given offsets on; a partition that is not named, from its first record. */
    static ConsumerMode fromOffsets(Map<Integer, Long> offsetByPartition) {
        return new FromOffsets(offsetByPartition);
    }

    /**
     * The partitions that the consumer group assigns, from the group's committed offsets on. What a poll returned is
     * committed by the next poll and by close: at least once.
     */
    static ConsumerMode group(String groupId) {
        return new Group(groupId);
    }

    record FromBeginning() implements ConsumerMode {}

    record FromEnd() implements ConsumerMode {}

    record FromTime(Instant time) implements ConsumerMode {}

    record FromOffsets(Map<Integer, Long> offsetByPartition) implements ConsumerMode {
        public FromOffsets {
            offsetByPartition = Map.copyOf(offsetByPartition);
        }
    }

    /** @param groupId without the installation's prefix */
    record Group(String groupId) implements ConsumerMode {}
}
