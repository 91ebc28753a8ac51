package dev.respec.trainer.assembly;

import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SourceOffsets;
import dev.respec.trainer.admission.RequestMarks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Puts the records of {@code scored-rollouts} back together to groups and says which offsets a step consumed.
 *
 * <p>Contract: records of a partition are added in offset order; every group of the run is taken exactly once; the
 * ranges returned by successive calls of {@link #commit} tile each partition without gap or overlap, and reading on from
 * {@link #cursor()} in another process continues exactly there. Groups whose records are contiguous, as the scorer writes
 * them, lie wholly inside the range of the step that took them. Records of other runs, and of requests that no trainer made, are skipped.
 *
 * <p>Owned by the trainer's thread.
 */
public final class GroupAssembler {
    private static final Comparator<ScoredGroup> OLDEST_FIRST =
            Comparator.comparing(ScoredGroup::timestamp).thenComparing(ScoredGroup::partition);

    private final String topicName;
    private final String runId;
    private final TreeMap<Integer, PartitionAssembler> partitions = new TreeMap<>();

    /**
     * Continues at a cursor.
     *
     * @param topicName written into the ranges
     * @param cursor must name every partition of the topic
     */
    public GroupAssembler(String topicName, String runId, Cursor cursor) {
        this.topicName = topicName;
        this.runId = runId;
        cursor.partitions()
                .forEach((partition, position) ->
                        partitions.put(partition, new PartitionAssembler(partition, position)));
    }

    /** Adds the next record of a partition. */
    public void add(int partition, long offset, Instant timestamp, ScoredRollout record) {
        var assembler = partitions.get(partition);
        if (assembler == null) {
            throw new IllegalArgumentException(
                    "record of " + topicName + "-" + partition + ", a partition the cursor does not name");
        }
        assembler.add(
                offset,
                timestamp,
                record,
                record.getRunId().equals(runId) && RequestMarks.formOf(runId, record.getRequestId()));
    }

    /** Takes the group that ended first, among those whose partition has no older one. */
    public Optional<ScoredGroup> take() {
        PartitionAssembler from = null;
        ScoredGroup first = null;
        for (var partition : partitions.values()) {
            var candidate = partition.oldest();
            if (candidate.isPresent() && (first == null || OLDEST_FIRST.compare(candidate.get(), first) < 0)) {
                from = partition;
                first = candidate.get();
            }
        }
        if (from != null) {
            from.take();
        }
        return Optional.ofNullable(first);
    }

    /** Ends a step: everything taken belongs to it. Returns the ranges it consumed, by partition. */
    public List<SourceOffsets> commit() {
        var ranges = new ArrayList<SourceOffsets>();
        partitions.forEach((number, partition) -> {
            var from = partition.position();
            var to = partition.commit();
            if (to > from) {
                ranges.add(SourceOffsets.newBuilder()
                        .setTopic(topicName)
                        .setPartition(number)
                        .setFromOffset(from)
                        .setToOffset(to)
                        .build());
            }
        });
        return ranges;
    }

    /** Where the step after the last committed one starts. */
    public Cursor cursor() {
        var positions = new TreeMap<Integer, Cursor.Position>();
        partitions.forEach((number, partition) -> positions.put(number, partition.cursor()));
        return new Cursor(positions);
    }
}
