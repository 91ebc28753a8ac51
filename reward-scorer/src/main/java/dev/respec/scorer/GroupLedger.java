package dev.respec.scorer;

import dev.respec.schemas.ScoredRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The groups of one task: open ones with their scored rollouts, closed ones as the bits of the samples seen.
 *
 * <p>INVARIANT: a request is open or closed, never both; a scored rollout is kept exactly while its request is open. So
 * the memory is that of the open groups, plus a few bytes a closed one until its retention ends.
 */
final class GroupLedger {
    private final KeyValueStore<String, GroupState> open;
    private final KeyValueStore<String, GroupState> closed;
    private final KeyValueStore<String, ScoredRollout> pending;

    GroupLedger(
            KeyValueStore<String, GroupState> open,
            KeyValueStore<String, GroupState> closed,
            KeyValueStore<String, ScoredRollout> pending) {
        this.open = open;
        this.closed = closed;
        this.pending = pending;
    }

    enum Standing {
        NEW,
        /** This sample has been seen. */
        DUPLICATE,
        /** The group was closed without this sample. */
        LATE,
        /** The group has another size. */
        MISFIT
    }

    static String rolloutId(String requestId, int sampleIndex) {
        return requestId + "/" + sampleIndex;
    }

    Standing standing(String requestId, int sampleIndex, int groupSize) {
        GroupState group = closed.get(requestId);
        if (group != null) {
            return group.has(sampleIndex) ? Standing.DUPLICATE : Standing.LATE;
        }
        group = open.get(requestId);
        if (group == null) {
            return Standing.NEW;
        }
        if (group.groupSize() != groupSize) {
            return Standing.MISFIT;
        }
        return group.has(sampleIndex) ? Standing.DUPLICATE : Standing.NEW;
    }

    /** Keeps a new rollout; the group as it is then. */
    GroupState add(String requestId, int sampleIndex, ScoredRollout scored, Instant now) {
        GroupState group = open.get(requestId);
        if (group == null) {
            group = GroupState.opened(scored.getGroup().getGroupSize(), now);
        }
        group = group.with(sampleIndex);
        pending.put(rolloutId(requestId, sampleIndex), scored);
        open.put(requestId, group);
        return group;
    }

    /** Takes the group's rollouts out, in sample order, and leaves the request closed. */
    List<ScoredRollout> close(String requestId, GroupState group, Instant now) {
        var rollouts = new ArrayList<ScoredRollout>();
        for (int sample : group.samples()) {
            rollouts.add(pending.delete(rolloutId(requestId, sample)));
        }
        open.delete(requestId);
        closed.put(requestId, group.closed(now));
        return rollouts;
    }

    record Entry(String requestId, GroupState group) {}

    /** Open groups that have been open for the timeout, counting from {@code start} at the earliest. */
    List<Entry> overdue(Instant now, Duration timeout, Instant start) {
        return entries(open, group -> {
            Instant from = group.at().isBefore(start) ? start : group.at();
            return !now.isBefore(from.plus(timeout));
        });
    }

    /** Drops closed groups past their retention. */
    void forget(Instant now, Duration retention) {
        entries(closed, group -> !now.isBefore(group.at().plus(retention)))
                .forEach(entry -> closed.delete(entry.requestId()));
    }

    private static List<Entry> entries(KeyValueStore<String, GroupState> store, Predicate<GroupState> wanted) {
        var found = new ArrayList<Entry>();
        try (KeyValueIterator<String, GroupState> all = store.all()) {
            all.forEachRemaining(entry -> {
                if (wanted.test(entry.value)) {
                    found.add(new Entry(entry.key, entry.value));
                }
            });
        }
        return found;
    }
}
