package dev.respec.trainer.assembly;

import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.BadInputException;
import dev.respec.topics.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Groups of a run from its recorded topic, for training without workers: those that a recorded step took, or all of them
 * in the order of the log. Reads no further than it must; holds what was read and not asked for. One thread.
 */
public final class RecordedGroups {
    private final GroupAssembler assembler;
    private final Supplier<Optional<Event<ScoredRollout>>> records;
    private final Map<String, ScoredGroup> waiting = new LinkedHashMap<>();

    /**
     * Reads a run's groups.
     *
     * @param partitions of the topic
     * @param records of all partitions, each partition's in the order of its offsets; empty at the end
     */
    public RecordedGroups(
            String topicName,
            String runId,
            Collection<Integer> partitions,
            Supplier<Optional<Event<ScoredRollout>>> records) {
        this(topicName, runId, beginning(partitions), records);
    }

    /**
     * Reads a run's groups from where a step ended.
     *
     * @param records as above, each partition's from the cursor's offset on
     */
    public RecordedGroups(
            String topicName, String runId, Cursor cursor, Supplier<Optional<Event<ScoredRollout>>> records) {
        this.assembler = new GroupAssembler(topicName, runId, cursor);
        this.records = records;
    }

    private static Cursor beginning(Collection<Integer> partitions) {
        var offsets = new HashMap<Integer, Long>();
        partitions.forEach(partition -> offsets.put(partition, 0L));
        return Cursor.at(offsets);
    }

    /**
     * The groups of these requests, in this order.
     *
     * @throws BadInputException naming a request that the topic does not hold any more
     */
    public List<ScoredGroup> take(List<String> requestIds) {
        var groups = new ArrayList<ScoredGroup>();
        for (var requestId : requestIds) {
            while (!waiting.containsKey(requestId)) {
                if (!read()) {
                    throw new BadInputException(
                            ("a step trained on request %s, of which the topic of scored rollouts has no complete"
                                            + " group any more: choose later steps, or train on what is there with --regroup")
                                    .formatted(requestId));
                }
            }
            groups.add(waiting.remove(requestId));
        }
        return groups;
    }

    /** These are not asked for any more. */
    public void forget(Collection<String> requestIds) {
        requestIds.forEach(waiting::remove);
    }

    /** The next groups of the log that are complete and of this size; empty if fewer are left than asked for. */
    public Optional<List<ScoredGroup>> next(int count, int groupSize) {
        while (waiting.values().stream().filter(group -> fits(group, groupSize)).count() < count) {
            if (!read()) {
                return Optional.empty();
            }
        }
        var groups = waiting.values().stream()
                .filter(group -> fits(group, groupSize))
                .limit(count)
                .toList();
        groups.forEach(group -> waiting.remove(group.requestId()));
        return Optional.of(groups);
    }

    private static boolean fits(ScoredGroup group, int groupSize) {
        return group.status() == ScoredGroup.Status.COMPLETE && group.rollouts().size() == groupSize;
    }

    private boolean read() {
        var next = records.get();
        if (next.isEmpty()) {
            return false;
        }
        var event = next.get();
        assembler.add(event.partition(), event.offset(), event.timestamp(), event.requireValue());
        for (var group = assembler.take(); group.isPresent(); group = assembler.take()) {
            if (group.get().status() == ScoredGroup.Status.COMPLETE) {
                waiting.put(group.get().requestId(), group.get());
            }
        }
        return true;
    }
}
