package dev.respec.ops.simulation;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A share group: an event is locked by one worker until it accepts it, dies, or its lock expires; an acknowledgement that
 * comes after that may count nevertheless, as in Kafka. Who has accepted an event has it, and the queue forgets it.
 */
public final class SimulatedQueue {
    private final List<Entry> entries = new ArrayList<>();
    private final Random random;

    private static final class Entry {
        final Event<RolloutRequest> event;

        @Nullable
        String holder;

        boolean accepted;

        Entry(Event<RolloutRequest> event) {
            this.event = event;
        }

        boolean available() {
            return !accepted && holder == null;
        }
    }

    SimulatedQueue(Random random) {
        this.random = random;
    }

    void offer(Event<RolloutRequest> event) {
        entries.add(new Entry(event));
    }

    public Optional<RolloutRequest> take(String worker) {
        entries.removeIf(entry -> entry.accepted);
        List<Entry> available = entries.stream().filter(Entry::available).toList();
        if (available.isEmpty()) {
            return Optional.empty();
        }
        Entry entry = available.get(random.nextInt(Math.min(3, available.size())));
        entry.holder = worker;
        return Optional.of(entry.event.requireValue());
    }

    /** Returns whether the broker confirms it. */
    public boolean accept(String worker, String requestId) {
        for (Entry entry : entries) {
            boolean same = entry.event.requireValue().getRequestId().equals(requestId);
            if (same && !entry.accepted && worker.equals(entry.holder)) {
                entry.accepted = true;
                return true;
            }
        }
        return random.nextInt(4) == 0; // the lock is lost, and Kafka does not always say so
    }

    boolean empty() {
        return entries.stream().allMatch(entry -> entry.accepted);
    }

    /** The worker has died, or its locks have ended. */
    public void release(String worker) {
        entries.stream().filter(entry -> worker.equals(entry.holder)).forEach(entry -> entry.holder = null);
    }

    /** The broker has died, and with it every lock. */
    void releaseAll() {
        entries.forEach(entry -> entry.holder = null);
    }

    /** A lock runs out under a worker that still works. */
    void expireOne() {
        List<Entry> held = entries.stream()
                .filter(entry -> !entry.accepted && entry.holder != null)
                .toList();
        if (!held.isEmpty()) {
            held.get(random.nextInt(held.size())).holder = null;
        }
    }
}
