package dev.respec.ops.simulation;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.Event;
import dev.respec.topics.QueuedEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A share group: an event is held by one worker until it accepts it, dies, or its lock expires; an acknowledgement that
 * comes after that counts nevertheless, as it may in Kafka.
 */
public final class SimulatedQueue {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Random random;

    private static final class Entry {
        final Event<RolloutRequest> event;

        @Nullable
        String holder;

        int deliveries;
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
        entries.put(event.requireValue().getRequestId(), new Entry(event));
    }

    public Optional<QueuedEvent<RolloutRequest>> take(String worker) {
        List<Entry> available =
                entries.values().stream().filter(Entry::available).toList();
        if (available.isEmpty()) {
            return Optional.empty();
        }
        Entry entry = available.get(random.nextInt(Math.min(3, available.size())));
        entry.holder = worker;
        entry.deliveries++;
        return Optional.of(new QueuedEvent<>(entry.event, entry.deliveries));
    }

    public void accept(QueuedEvent<RolloutRequest> event) {
        Entry entry = entries.get(event.value().getRequestId());
        if (entry != null) {
            entry.accepted = true;
        }
    }

    boolean empty() {
        return entries.values().stream().allMatch(entry -> entry.accepted);
    }

    /** The worker has died. */
    void release(String worker) {
        entries.values().stream().filter(entry -> worker.equals(entry.holder)).forEach(entry -> entry.holder = null);
    }

    /** The broker has died, and with it every lock. */
    void releaseAll() {
        entries.values().forEach(entry -> entry.holder = null);
    }

    /** A lock runs out under a worker that still works. */
    void expireOne() {
        List<Entry> held = entries.values().stream()
                .filter(entry -> !entry.accepted && entry.holder != null)
                .toList();
        if (!held.isEmpty()) {
            held.get(random.nextInt(held.size())).holder = null;
        }
    }
}
