package dev.respec.topics;

import java.time.Instant;
import java.util.Map;

/** Where a consumer starts. Every mode reads the committed records of all partitions. */
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

    record FromBeginning() implements ConsumerMode {}

    record FromEnd() implements ConsumerMode {}

    record FromTime(Instant time) implements ConsumerMode {}

    record FromOffsets(Map<Integer, Long> offsetByPartition) implements ConsumerMode {
        public FromOffsets {
            offsetByPartition = Map.copyOf(offsetByPartition);
        }
    }
}
