package dev.respec.trainer.assembly;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Groups of one partition, in the order in which they end. */
final class PartitionAssembler {
    private final int partition;
    private final Map<String, OpenGroup> open = new HashMap<>();
    private final Deque<ScoredGroup> ready = new ArrayDeque<>();
    /** Consumed groups, by the offset of their last record, until the position has passed them. */
    private final Map<String, Long> consumed;

    private long position;
    private long nextOffset;

    PartitionAssembler(int partition, Cursor.Position start) {
        this.partition = partition;
        this.position = start.offset();
        this.nextOffset = start.offset();
        this.consumed = new HashMap<>(start.ahead());
    }

    void add(long offset, Instant timestamp, ScoredRollout record, boolean ofThisRun) {
        if (offset < nextOffset) {
            throw new IllegalStateException(
                    "offset " + offset + " of partition " + partition + " was read before, expected " + nextOffset);
        }
        nextOffset = offset + 1;
        if (!ofThisRun || consumed.containsKey(record.getRequestId())) {
            return;
        }
        var group = open.computeIfAbsent(record.getRequestId(), id -> new OpenGroup(offset));
        group.add(record);
        if (group.ended(record)) {
            open.remove(record.getRequestId());
            ready.add(group.close(record, partition, offset, timestamp));
        }
    }

    Optional<ScoredGroup> oldest() {
        return Optional.ofNullable(ready.peek());
    }

    void take() {
        var group = ready.remove();
        consumed.put(group.requestId(), group.lastOffset());
    }

    long position() {
        return position;
    }

    /** Moves the position up to the first record that no consumed group covers. */
    long commit() {
        // INVARIANT: every record of this run before the cut belongs to a taken group
        var untaken = Stream.concat(
                open.values().stream().map(OpenGroup::firstOffset),
                ready.stream().map(ScoredGroup::firstOffset));
        position = LongStream.concat(LongStream.of(nextOffset), untaken.mapToLong(Long::longValue))
                .min()
                .orElseThrow();
        consumed.values().removeIf(lastOffset -> lastOffset < position);
        return position;
    }

    /** As of the last {@link #commit}; to be asked before the next {@link #take}. */
    Cursor.Position cursor() {
        return new Cursor.Position(position, consumed);
    }

    /** A group some of whose records have been read. */
    private static final class OpenGroup {
        private final long firstOffset;
        /** By sample index, so that a repeated sample counts once. */
        private final TreeMap<Integer, ScoredRollout> rollouts = new TreeMap<>();

        OpenGroup(long firstOffset) {
            this.firstOffset = firstOffset;
        }

        long firstOffset() {
            return firstOffset;
        }

        void add(ScoredRollout record) {
            Rollout rollout = record.getRollout();
            if (rollout != null) {
                rollouts.putIfAbsent(rollout.getSampleIndex(), record);
            }
        }

        boolean ended(ScoredRollout last) {
            return last.getGroup().getStatus() == GroupStatus.COMPLETE
                    ? rollouts.size() == last.getGroup().getGroupSize()
                    : last.getRollout() == null;
        }

        ScoredGroup close(ScoredRollout last, int partition, long offset, Instant timestamp) {
            var status = last.getGroup().getStatus() == GroupStatus.COMPLETE
                    ? ScoredGroup.Status.COMPLETE
                    : ScoredGroup.Status.INCOMPLETE;
            return new ScoredGroup(
                    last.getRequestId(),
                    status,
                    rollouts.values().stream().toList(),
                    partition,
                    firstOffset,
                    offset,
                    timestamp);
        }
    }
}
