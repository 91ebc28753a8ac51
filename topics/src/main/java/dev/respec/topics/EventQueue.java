package dev.respec.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;

/**
 * A process's part in a share group: every event is handed to one process, and handed on where that process neither
 * accepts nor keeps it. At least once: an event may be handed out again although it was accepted.
 *
 * <p>An event is held from the poll that returned it until {@link #accept} or {@link #release}. {@link #poll} and {@link
 * #keepAlive} renew the locks of what is held; a process that calls neither for as long as a lock lasts loses its
 * events to others, and one that dies loses them at once. One thread owns the queue.
 *
 * <p>A share consumer fetches nothing new while it renews something old, so the capacity is spread over several {@link
 * QueueLane lanes}, each a share consumer that fetches when it holds nothing.
 */
public final class EventQueue<V extends SpecificRecord> implements AutoCloseable {
    private static final int MOST_LANES = 12;
    private static final Duration SLICE = Duration.ofMillis(20);

    private final EventDecoder<V> decoder;
    private final List<QueueLane> lanes = new ArrayList<>();
    private final Map<Event<V>, Held> held = new HashMap<>();
    private int turn;

    /** @param consumers makes a share consumer that fetches at most the given number of records at a time */
    EventQueue(
            String topic,
            QueueConfig config,
            EventDecoder<V> decoder,
            IntFunction<ShareConsumer<byte[], byte[]>> consumers) {
        this.decoder = decoder;
        int count = Math.min(config.capacity(), MOST_LANES);
        for (int lane = 0; lane < count; lane++) {
            // The capacity is a limit: the remainder goes to the first lanes.
            int records = config.capacity() / count + (lane < config.capacity() % count ? 1 : 0);
            lanes.add(new QueueLane(topic, consumers.apply(records)));
        }
    }

    /** New events, at most what the capacity leaves; empty when the timeout passes without one. */
    public List<QueuedEvent<V>> poll(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        keepAlive();
        var events = new ArrayList<QueuedEvent<V>>();
        for (var lane : lanes) {
            take(lane, Duration.ZERO, events);
        }
        while (events.isEmpty() && System.nanoTime() < deadline) {
            long left = Math.max(0, deadline - System.nanoTime());
            var lane = lanes.get(turn++ % lanes.size());
            var slice = Duration.ofNanos(Math.min(left, SLICE.toNanos()));
            if (lane.idle()) {
                take(lane, slice, events);
            } else if (lanes.stream().noneMatch(QueueLane::idle)) {
                pause(slice);
            }
            keepAlive();
        }
        return events;
    }

    /** Renews the locks of what is held where they need it; fetches nothing. */
    public void keepAlive() {
        lanes.forEach(QueueLane::tend);
    }

    /** Restarts the event's lock now; {@link #poll} does it in time by itself. */
    public void renew(QueuedEvent<V> event) {
        var lease = held.get(event.event());
        if (lease != null) {
            lease.lane().renew();
        }
    }

    /** The event is done with. Harmless for an event that was lost to another process. */
    public void accept(QueuedEvent<V> event) {
        settle(event, AcknowledgeType.ACCEPT);
    }

    /** Somebody else may have the event, at once. */
    public void release(QueuedEvent<V> event) {
        settle(event, AcknowledgeType.RELEASE);
    }

    /** Returns when the broker has what was accepted and released. */
    public void commit() {
        lanes.forEach(QueueLane::commit);
    }

    /** Events held. */
    public int size() {
        return held.size();
    }

    /** Commits what was accepted and releases what is held; bounded. */
    @Override
    public void close() {
        // Each lane waits for the broker, so they do it at the same time; nothing else uses them meanwhile.
        var closing = lanes.stream()
                .map(lane -> CompletableFuture.runAsync(lane::close, task -> new Thread(task, "queue-close").start()))
                .toList();
        closing.forEach(CompletableFuture::join);
        lanes.clear();
        held.clear();
    }

    private void take(QueueLane lane, Duration timeout, List<QueuedEvent<V>> events) {
        if (!lane.idle()) {
            return;
        }
        for (var acquired : lane.poll(timeout)) {
            decoder.decode(acquired)
                    .ifPresentOrElse(
                            event -> {
                                held.put(event, new Held(lane, acquired));
                                events.add(new QueuedEvent<>(
                                        event, acquired.deliveryCount().orElse((short) 1)));
                            },
                            () -> lane.settle(acquired, AcknowledgeType.REJECT));
        }
    }

    private void settle(QueuedEvent<V> event, AcknowledgeType type) {
        var lease = held.remove(event.event());
        if (lease != null) {
            lease.lane().settle(lease.acquired(), type);
        }
    }

    private static void pause(Duration slice) {
        try {
            Thread.sleep(slice.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Held(QueueLane lane, ConsumerRecord<byte[], byte[]> acquired) {}
}
