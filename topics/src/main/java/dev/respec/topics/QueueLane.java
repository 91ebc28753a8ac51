package dev.respec.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One share consumer and the records it holds. States: idle (holds nothing, may fetch), holding, renewing.
 *
 * <p>While a renewal is on its way the consumer refuses every acknowledgement; what is settled meanwhile waits until the
 * renewed records are back. Owned by the queue's thread.
 */
final class QueueLane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(QueueLane.class);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);
    private static final int DEFAULT_LOCK_MILLIS = 15_000;

    private final ShareConsumer<byte[], byte[]> consumer;

    /** Held and not settled, by position. */
    private final Map<Position, ConsumerRecord<byte[], byte[]>> held = new LinkedHashMap<>();

    /** Settled while renewing. */
    private final Map<Position, AcknowledgeType> waiting = new LinkedHashMap<>();

    /** Sent for renewal and not back yet. */
    private final Map<Position, ConsumerRecord<byte[], byte[]>> renewing = new LinkedHashMap<>();

    /** Held, but fetched by a poll that was to bring renewals back: still to be handed out. */
    private final List<ConsumerRecord<byte[], byte[]>> arrived = new ArrayList<>();

    private long renewAtNanos;

    QueueLane(String topic, ShareConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
        consumer.setAcknowledgementCommitCallback(this::acknowledged);
        consumer.subscribe(List.of(topic));
    }

    boolean idle() {
        return held.size() == arrived.size() && renewing.isEmpty();
    }

    /** Fetches; only when idle. */
    List<ConsumerRecord<byte[], byte[]>> poll(Duration timeout) {
        if (!arrived.isEmpty()) {
            var records = List.copyOf(arrived);
            arrived.clear();
            return records;
        }
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        consumer.poll(timeout).forEach(acquired -> {
            held.put(Position.of(acquired), acquired);
            records.add(acquired);
        });
        restartClock();
        return records;
    }

    void settle(ConsumerRecord<byte[], byte[]> acquired, AcknowledgeType type) {
        var position = Position.of(acquired);
        if (renewing.containsKey(position)) {
            waiting.put(position, type);
        } else if (held.remove(position) != null) {
            arrived.remove(acquired);
            consumer.acknowledge(acquired, type);
            consumer.commitAsync();
        }
    }

    /** Renews when a third of the lock has passed; brings back what was renewed. */
    void tend() {
        if (!renewing.isEmpty()) {
            bringBack();
        } else if (!held.isEmpty() && System.nanoTime() - renewAtNanos >= 0) {
            renew();
        }
    }

    void renew() {
        if (!renewing.isEmpty() || held.isEmpty()) {
            return;
        }
        held.values().forEach(acquired -> consumer.acknowledge(acquired, AcknowledgeType.RENEW));
        renewing.putAll(held);
        held.clear();
        restartClock();
        bringBack();
    }

    /** Returns when the broker has what was settled; gives up after a few seconds, the lock then decides. */
    void commit() {
        settleWaiting();
        consumer.commitSync(COMMIT_TIMEOUT);
    }

    @Override
    public void close() {
        settleWaiting();
        consumer.close(COMMIT_TIMEOUT);
    }

    private void settleWaiting() {
        long deadline = System.nanoTime() + COMMIT_TIMEOUT.toNanos();
        while (!waiting.isEmpty() && System.nanoTime() < deadline) {
            bringBack(Duration.ofMillis(20));
        }
    }

    private void bringBack() {
        bringBack(Duration.ZERO);
    }

    private void bringBack(Duration timeout) {
        consumer.poll(timeout).forEach(acquired -> {
            var position = Position.of(acquired);
            if (renewing.remove(position) == null) {
                arrived.add(acquired); // the renewal was refused, so the consumer went on to fetch
            }
            held.put(position, acquired);
        });
        waiting.entrySet().removeIf(settled -> {
            var acquired = held.get(settled.getKey());
            if (acquired != null) {
                settle(acquired, settled.getValue());
            }
            return acquired != null || !renewing.containsKey(settled.getKey());
        });
    }

    /** Called inside poll and commit. A refused acknowledgement means that the lock is gone: nothing is held any more. */
    private void acknowledged(Map<TopicIdPartition, Set<Long>> offsets, Exception error) {
        if (error == null) {
            return;
        }
        offsets.forEach((partition, lost) -> lost.forEach(offset -> {
            var position = new Position(partition.partition(), offset);
            renewing.remove(position);
            held.remove(position);
            arrived.removeIf(acquired -> Position.of(acquired).equals(position));
            log.atWarn()
                    .addKeyValue("topicName", partition.topic())
                    .addKeyValue("partition", partition.partition())
                    .addKeyValue("offset", offset)
                    .addKeyValue("reason", error.toString())
                    .log("Lock is lost, the record may be handed out again");
        }));
    }

    private void restartClock() {
        int lock = consumer.acquisitionLockTimeoutMs().orElse(DEFAULT_LOCK_MILLIS);
        renewAtNanos = System.nanoTime() + Duration.ofMillis(lock / 3).toNanos();
    }

    private record Position(int partition, long offset) {
        static Position of(ConsumerRecord<?, ?> acquired) {
            return new Position(acquired.partition(), acquired.offset());
        }
    }
}
