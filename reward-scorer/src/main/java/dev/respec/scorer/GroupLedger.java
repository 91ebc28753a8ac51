package dev.respec.scorer;

import dev.respec.schemas.ScoredRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The groups of one task: open ones with their rollouts, scored or waiting for their rewards, closed ones as the bits
 * of the samples seen.
 *
 * <p>INVARIANT: a request is open or closed, never both; a rollout is kept exactly while its request is open. So the
 * memory is that of the open groups, plus a few bytes per closed one until its retention ends.
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

    /** Keeps a new rollout with its reward; the group as it is then. */
    GroupState add(String requestId, int sampleIndex, ScoredRollout scored, Instant now) {
        return keep(
                requestId, sampleIndex, scored, opened(requestId, scored, now).with(sampleIndex));
    }

    /** Keeps a new rollout whose reward is to come. */
    void await(String requestId, int sampleIndex, ScoredRollout unscored, long offset, Instant now) {
        keep(requestId, sampleIndex, unscored, opened(requestId, unscored, now).withWaiting(sampleIndex, offset));
    }

    /** Replaces a rollout that waited by itself with its reward. */
    GroupState settle(String requestId, int sampleIndex, ScoredRollout scored) {
        return keep(requestId, sampleIndex, scored, open.get(requestId).with(sampleIndex));
    }

    /** Ends the wait of a rollout that will have no reward. */
    GroupState fail(String requestId, int sampleIndex) {
        GroupState group = open.get(requestId).withFailed(sampleIndex);
        open.put(requestId, group);
        return group;
    }

    /** Offset at which a sample was read, while it waits for its reward. */
    Optional<Long> waitingOffset(String requestId, int sampleIndex) {
        return Optional.ofNullable(open.get(requestId))
                .map(group -> group.waiting().get(sampleIndex));
    }

    /** A rollout of an open group. */
    ScoredRollout rollout(String requestId, int sampleIndex) {
        return pending.get(rolloutId(requestId, sampleIndex));
    }

    private GroupState opened(String requestId, ScoredRollout first, Instant now) {
        GroupState group = open.get(requestId);
        return group == null ? GroupState.opened(first.getGroup().getGroupSize(), now) : group;
    }

    private GroupState keep(String requestId, int sampleIndex, ScoredRollout rollout, GroupState group) {
        pending.put(rolloutId(requestId, sampleIndex), rollout);
        open.put(requestId, group);
        return group;
    }

    /**
     * What a group leaves.
     *
     * @param scored rollouts with a reward, in sample order
     * @param failed rollouts without one
     */
    record Closed(List<ScoredRollout> scored, List<ScoredRollout> failed) {}

    /** Takes the group's rollouts out and leaves the request closed. */
    Closed close(String requestId, GroupState group, Instant now) {
        var closing = new Closed(new ArrayList<>(), new ArrayList<>());
        for (int sample : group.samples()) {
            (group.isFailed(sample) ? closing.failed() : closing.scored())
                    .add(pending.delete(rolloutId(requestId, sample)));
        }
        open.delete(requestId);
        closed.put(requestId, group.closed(now));
        return closing;
    }

    record Entry(String requestId, GroupState group) {}

    /** Open groups with a sample that waits for its reward. */
    List<Entry> waiting() {
        return entries(open, group -> !group.waiting().isEmpty());
    }

    /**
     * Open groups that have been open for the timeout, counting from {@code start} at the earliest. Those with a sample
     * that waits for its reward stay open: what gives the reward bounds its own time.
     */
    List<Entry> overdue(Instant now, Duration timeout, Instant start) {
        return entries(open, group -> {
            if (!group.waiting().isEmpty()) {
                return false;
            }
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
