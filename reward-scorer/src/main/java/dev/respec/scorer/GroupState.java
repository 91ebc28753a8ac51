package dev.respec.scorer;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Which samples of a request have been seen. Immutable.
 *
 * <p>In the stores: version byte 1, int32 group size, int64 milliseconds since the epoch, then the bits of the samples,
 * little-endian.
 */
final class GroupState {
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + Integer.BYTES + Long.BYTES;

    private final int groupSize;
    private final Instant at;
    private final BitSet seen;

    private GroupState(int groupSize, Instant at, BitSet seen) {
        this.groupSize = groupSize;
        this.at = at;
        this.seen = seen;
    }

    static GroupState opened(int groupSize, Instant at) {
        return new GroupState(groupSize, at, new BitSet());
    }

    GroupState with(int sampleIndex) {
        var more = (BitSet) seen.clone();
        more.set(sampleIndex);
        return new GroupState(groupSize, at, more);
    }

    /** The same samples, closed at {@code closedAt}. */
    GroupState closed(Instant closedAt) {
        return new GroupState(groupSize, closedAt, seen);
    }

    boolean has(int sampleIndex) {
        return seen.get(sampleIndex);
    }

    boolean complete() {
        return seen.cardinality() == groupSize;
    }

    int groupSize() {
        return groupSize;
    }

    /** When the group was opened, or closed. */
    Instant at() {
        return at;
    }

    List<Integer> samples() {
        return seen.stream().boxed().toList();
    }

    List<Integer> missing() {
        return IntStream.range(0, groupSize).filter(i -> !seen.get(i)).boxed().toList();
    }

    byte[] encode() {
        byte[] bits = seen.toByteArray();
        return ByteBuffer.allocate(HEADER_BYTES + bits.length)
                .put(VERSION)
                .putInt(groupSize)
                .putLong(at.toEpochMilli())
                .put(bits)
                .array();
    }

    static GroupState decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != VERSION) {
            throw new SerializationException(
                    "group state of %d bytes is not of version %d: delete scorer.state-dir and the application's changelog"
                            .formatted(bytes.length, VERSION));
        }
        var buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        int groupSize = buffer.getInt();
        Instant at = Instant.ofEpochMilli(buffer.getLong());
        return new GroupState(groupSize, at, BitSet.valueOf(buffer));
    }

    static Serde<GroupState> serde() {
        return Serdes.serdeFrom(
                (topic, state) -> state == null ? null : state.encode(),
                (topic, bytes) -> bytes == null ? null : decode(bytes));
    }
}
