package dev.respec.topics;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Writes events, acknowledged by all in-sync replicas and never doubled by a retry. Thread-safe, except that one thread
 * owns a transaction. Inside a transaction nothing is visible to readers before {@link #commit()}.
 */
public final class EventProducer implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final EventLog log;
    private final Producer<String, byte[]> producer;

    EventProducer(EventLog log, Producer<String, byte[]> producer) {
        this.log = log;
        this.producer = producer;
    }

    /** The future ends when the event is durable; inside a transaction, {@link #commit()} reports what failed. */
    public <V extends SpecificRecord> CompletableFuture<RecordMetadata> send(Topic<V> topic, String key, V value) {
        return send(topic, key, value, null);
    }

    /** @param traceparent goes along as a header; null for an event that is not traced */
    public <V extends SpecificRecord> CompletableFuture<RecordMetadata> send(
            Topic<V> topic, String key, V value, @Nullable String traceparent) {
        var event =
                new ProducerRecord<>(log.topicName(topic), key, log.codec(topic).encode(value));
        TraceHeader.put(event.headers(), traceparent);
        return send(event);
    }

    /** The event as it was recorded, with its key, its time and its trace; a tombstone stays one. */
    public <V extends SpecificRecord> CompletableFuture<RecordMetadata> resend(Topic<V> topic, Event<V> event) {
        var bytes = event.value() == null ? null : log.codec(topic).encode(event.value());
        var again = new ProducerRecord<>(
                log.topicName(topic), null, event.timestamp().toEpochMilli(), event.key(), bytes);
        TraceHeader.put(again.headers(), event.traceparent());
        return send(again);
    }

    private CompletableFuture<RecordMetadata> send(ProducerRecord<String, byte[]> event) {
        var result = new CompletableFuture<RecordMetadata>();
        var unused = producer.send(event, (metadata, error) -> {
            if (error == null) {
                result.complete(metadata);
            } else {
                result.completeExceptionally(error);
            }
        });
        return result;
    }

    /** Returns when the event is durable; throws Kafka's own exception if it is not. */
    public <V extends SpecificRecord> RecordMetadata sendAndWait(Topic<V> topic, String key, V value) {
        return sendAndWait(topic, key, value, null);
    }

    /** @param traceparent goes along as a header; null for an event that is not traced */
    public <V extends SpecificRecord> RecordMetadata sendAndWait(
            Topic<V> topic, String key, V value, @Nullable String traceparent) {
        try {
            return send(topic, key, value, traceparent).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    public void begin() {
        producer.beginTransaction();
    }

    public void commit() {
        producer.commitTransaction();
    }

    public void flush() {
        producer.flush();
    }

    /** Waits a few seconds for what is on its way; an open transaction is aborted. */
    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
