package dev.respec.scorer;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Which samples of a request have been seen, which of them wait for their reward and which will never have one. Immutable.
 *
 * <p>INVARIANT: a sample that waits or that failed has been seen, and is not both.
 *
 * <p>In the stores: version byte 2, int32 group size, int64 milliseconds since the epoch, int32 count of waiting samples
 * and for each int32 sample and int64 offset, int32 length and the bits of the failed samples, then the bits of the seen
 * ones; bits little-endian. Version 1 ended after the time with the bits of the seen ones.
 */
final class GroupState {
    private static final byte VERSION = 2;
    private static final byte WITHOUT_WAITING = 1;
    private static final int HEADER_BYTES = 1 + Integer.BYTES + Long.BYTES;

    private final int groupSize;
    private final Instant at;
    private final BitSet seen;
    private final BitSet failed;
    /** Offset of its record, by sample. */
    private final SortedMap<Integer, Long> waiting;

    private GroupState(int groupSize, Instant at, BitSet seen, BitSet failed, SortedMap<Integer, Long> waiting) {
        this.groupSize = groupSize;
        this.at = at;
        this.seen = seen;
        this.failed = failed;
        this.waiting = Collections.unmodifiableSortedMap(waiting);
    }

    static GroupState opened(int groupSize, Instant at) {
        return new GroupState(groupSize, at, new BitSet(), new BitSet(), new TreeMap<>());
    }

    /** With a sample that has its reward. */
    GroupState with(int sampleIndex) {
        var left = new TreeMap<>(waiting);
        left.remove(sampleIndex);
        var more = new GroupState(groupSize, at, (BitSet) seen.clone(), failed, left);
        more.seen.set(sampleIndex);
        return more;
    }

    /** With a sample whose reward is to come, read at {@code offset}. */
    GroupState withWaiting(int sampleIndex, long offset) {
        var more = new TreeMap<>(waiting);
        more.put(sampleIndex, offset);
        var state = new GroupState(groupSize, at, (BitSet) seen.clone(), failed, more);
        state.seen.set(sampleIndex);
        return state;
    }

    /** With a sample that will have no reward. */
    GroupState withFailed(int sampleIndex) {
        var more = (BitSet) failed.clone();
        more.set(sampleIndex);
        var rewarded = with(sampleIndex);
        return new GroupState(groupSize, at, rewarded.seen, more, new TreeMap<>(rewarded.waiting));
    }

    /** The same samples, closed at {@code closedAt}. */
    GroupState closed(Instant closedAt) {
        return new GroupState(groupSize, closedAt, seen, failed, waiting);
    }

    boolean has(int sampleIndex) {
        return seen.get(sampleIndex);
    }

    /** Whether every sample has its reward, or will have none. */
    boolean settled() {
        return seen.cardinality() == groupSize && waiting.isEmpty();
    }

    /** Whether every sample has its reward. */
    boolean complete() {
        return settled() && failed.isEmpty();
    }

    int groupSize() {
        return groupSize;
    }

    /** When the group was opened, or closed. */
    Instant at() {
        return at;
    }

    /** Offsets of the records whose reward is to come, by sample. */
    SortedMap<Integer, Long> waiting() {
        return waiting;
    }

    /** Samples that were seen, with a reward or without. */
    List<Integer> samples() {
        return seen.stream().boxed().toList();
    }

    boolean isFailed(int sampleIndex) {
        return failed.get(sampleIndex);
    }

    /** Samples without a reward: those that never arrived and those that failed. */
    List<Integer> missing() {
        return IntStream.range(0, groupSize)
                .filter(i -> !seen.get(i) || failed.get(i))
                .boxed()
                .toList();
    }

    byte[] encode() {
        byte[] bits = seen.toByteArray();
        byte[] failedBits = failed.toByteArray();
        int waitingBytes = waiting.size() * (Integer.BYTES + Long.BYTES);
        var buffer = ByteBuffer.allocate(
                        HEADER_BYTES + 2 * Integer.BYTES + waitingBytes + failedBits.length + bits.length)
                .put(VERSION)
                .putInt(groupSize)
                .putLong(at.toEpochMilli())
                .putInt(waiting.size());
        waiting.forEach((sample, offset) -> buffer.putInt(sample).putLong(offset));
        return buffer.putInt(failedBits.length).put(failedBits).put(bits).array();
    }

    static GroupState decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || (bytes[0] != VERSION && bytes[0] != WITHOUT_WAITING)) {
            throw new SerializationException(
                    "group state of %d bytes is not of version %d: delete scorer.state-dir and the application's changelog"
                            .formatted(bytes.length, VERSION));
        }
        var buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        int groupSize = buffer.getInt();
        Instant at = Instant.ofEpochMilli(buffer.getLong());
        var waiting = new TreeMap<Integer, Long>();
        var failed = new BitSet();
        if (bytes[0] == VERSION) {
            for (int count = buffer.getInt(); count > 0; count--) {
                waiting.put(buffer.getInt(), buffer.getLong());
            }
            var failedBits = new byte[buffer.getInt()];
            buffer.get(failedBits);
            failed = BitSet.valueOf(failedBits);
        }
        return new GroupState(groupSize, at, BitSet.valueOf(buffer), failed, waiting);
    }

    static Serde<GroupState> serde() {
        return Serdes.serdeFrom(
                (topic, state) -> state == null ? null : state.encode(),
                (topic, bytes) -> bytes == null ? null : decode(bytes));
    }
}
