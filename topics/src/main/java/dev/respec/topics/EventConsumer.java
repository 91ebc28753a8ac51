package dev.respec.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Reads committed events in the order of each partition. A record that does not decode goes to the dead letters and is
 * skipped. One thread owns the consumer; only {@link #wakeup()} may come from another.
 */
public final class EventConsumer<V extends SpecificRecord> implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private final EventDecoder<V> decoder;

    EventConsumer(String topic, Consumer<byte[], byte[]> consumer, EventDecoder<V> decoder) {
        this.topic = topic;
        this.consumer = consumer;
        this.decoder = decoder;
    }

    /** Events that arrived within the timeout; empty after it and after {@link #wakeup()}. */
    public List<Event<V>> poll(Duration timeout) {
        try {
            var events = new ArrayList<Event<V>>();
            for (ConsumerRecord<byte[], byte[]> consumed : consumer.poll(timeout)) {
                decoder.decode(consumed).ifPresent(events::add);
            }
            return events;
        } catch (WakeupException e) {
            return List.of();
        }
    }

    /** Offset of the next record by partition. */
    public Map<Integer, Long> positions() {
        return consumer.assignment().stream().collect(Collectors.toMap(TopicPartition::partition, consumer::position));
    }

    /** Offset after the last committed record by partition, as the broker has it now. */
    public Map<Integer, Long> endOffsets() {
        return consumer.endOffsets(consumer.assignment()).entrySet().stream()
                .collect(Collectors.toMap(end -> end.getKey().partition(), Map.Entry::getValue));
    }

    /**
     * Whether records before these offsets have not been polled yet.
     *
     * @param ends by partition, as {@link #endOffsets} gives them
     */
    public boolean isBefore(Map<Integer, Long> ends) {
        return positions().entrySet().stream().anyMatch(at -> at.getValue() < ends.getOrDefault(at.getKey(), 0L));
    }

    /** Offset of the first record there is by partition, as the broker has it now. */
    public Map<Integer, Long> beginningOffsets() {
        return consumer.beginningOffsets(consumer.assignment()).entrySet().stream()
                .collect(Collectors.toMap(begin -> begin.getKey().partition(), Map.Entry::getValue));
    }

    /** Continues the named partitions at these offsets. */
    public void seek(Map<Integer, Long> positionByPartition) {
        positionByPartition.forEach((partition, offset) -> consumer.seek(new TopicPartition(topic, partition), offset));
    }

    /** Ends the poll in progress, or the next one, at once. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
}
