package dev.respec.trainer.assembly;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where the next step starts to read.
 *
 * @param partitions one entry per partition of the topic
 */
public record Cursor(Map<Integer, Position> partitions) {
    /**
     * Where to go on in one partition.
     *
     * @param offset of the first record no step has consumed
     * @param ahead groups consumed although they end behind the offset, with the offset of their last record; empty
     *     unless groups interleave
     */
    public record Position(long offset, Map<String, Long> ahead) {
        public Position {
            ahead = Map.copyOf(ahead);
        }
    }

    public Cursor {
        partitions = Map.copyOf(partitions);
    }

    /** The cursor of a run that has consumed nothing. */
    public static Cursor at(Map<Integer, Long> offsets) {
        var partitions = new TreeMap<Integer, Position>();
        offsets.forEach((partition, offset) -> partitions.put(partition, new Position(offset, Map.of())));
        return new Cursor(partitions);
    }

    /** Offsets by partition. */
    public Map<Integer, Long> offsets() {
        var offsets = new TreeMap<Integer, Long>();
        partitions.forEach((partition, position) -> offsets.put(partition, position.offset()));
        return offsets;
    }
}
