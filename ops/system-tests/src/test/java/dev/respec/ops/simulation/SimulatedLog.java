package dev.respec.ops.simulation;

import dev.respec.topics.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A topic: partitions of committed events, with the gaps that transaction markers and aborted records leave. */
public final class SimulatedLog<V> {
    private final String name;
    private final List<List<Event<V>>> partitions = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();
    private final Consumer<Event<V>> observer;

    /** @param observer sees every event as it is committed */
    SimulatedLog(String name, int partitionCount, Consumer<Event<V>> observer) {
        this.name = name;
        this.observer = observer;
        for (int partition = 0; partition < partitionCount; partition++) {
            partitions.add(new ArrayList<>());
            ends.add(0L);
        }
    }

    public String name() {
        return name;
    }

    public int partitionCount() {
        return partitions.size();
    }

    public int partition(String key) {
        return Math.floorMod(key.hashCode(), partitions.size());
    }

    public Event<V> append(String key, V value, Instant now) {
        int partition = partition(key);
        Event<V> event = new Event<>(name, partition, ends.get(partition), now, key, value);
        partitions.get(partition).add(event);
        skip(partition, 1);
        observer.accept(event);
        return event;
    }

    /** Offsets that no reader of committed events sees. */
    public void skip(int partition, int offsets) {
        ends.set(partition, ends.get(partition) + offsets);
    }

    public long end(int partition) {
        return ends.get(partition);
    }

    /** Some of the events from an offset on, in order. */
    public List<Event<V>> read(int partition, long from, Random random) {
        List<Event<V>> events = all(partition, from);
        return events.isEmpty() ? events : events.subList(0, 1 + random.nextInt(events.size()));
    }

    public List<Event<V>> all(int partition, long from) {
        List<Event<V>> events = partitions.get(partition);
        int first = events.size();
        while (first > 0 && events.get(first - 1).offset() >= from) {
            first--;
        }
        return events.subList(first, events.size());
    }

    public List<Event<V>> all() {
        List<Event<V>> events = new ArrayList<>();
        partitions.forEach(events::addAll);
        return events;
    }
}
