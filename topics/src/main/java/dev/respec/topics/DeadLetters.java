package dev.respec.topics;

import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a stage cannot use, whole, with its origin and the reason. Each method returns when the letter is durable,
 * so that the caller may go past the record. Thread-safe.
 */
public final class DeadLetters {
    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private final EventLog events;
    private final String stage;
    private final Supplier<EventProducer> producer;
    private final AtomicLong count = new AtomicLong();

    DeadLetters(EventLog events, String stage, Supplier<EventProducer> producer) {
        this.events = events;
        this.stage = stage;
        this.producer = producer;
    }

    /** Letters written by this process. */
    public long count() {
        return count.get();
    }

    /** For an event that decodes but cannot be used; its value is written as the codec encodes it today. */
    public <V extends SpecificRecord> void send(Topic<V> topic, Event<V> event, String reason) {
        var key = event.key() == null ? null : event.key().getBytes(StandardCharsets.UTF_8);
        var value = event.value() == null ? null : events.codec(topic).encode(event.value());
        send(event.topic(), event.partition(), event.offset(), key, value, reason);
    }

    /** For a record that does not decode. */
    public void send(
            String topic, int partition, long offset, byte @Nullable [] key, byte @Nullable [] value, String reason) {
        count.incrementAndGet();
        log.atWarn()
                .addKeyValue("topicName", topic)
                .addKeyValue("partition", partition)
                .addKeyValue("offset", offset)
                .addKeyValue("reason", reason)
                .log("Record goes to the dead letters");
        if (topic.equals(events.topicName(TopicCatalogue.DEAD_LETTERS))) {
            return; // it is in the dead letters already
        }
        var letter = DeadLetter.newBuilder()
                .setStage(stage)
                .setOriginTopic(topic)
                .setOriginPartition(partition)
                .setOriginOffset(offset)
                .setOriginKey(key == null ? null : ByteBuffer.wrap(key))
                .setOriginValue(value == null ? null : ByteBuffer.wrap(value))
                .setReason(reason)
                .setFailedAt(Instant.now())
                .build();
        var text = key == null ? "" : new String(key, StandardCharsets.UTF_8);
        producer.get().sendAndWait(TopicCatalogue.DEAD_LETTERS, text, letter);
    }

    public void undecodable(ConsumerRecord<byte[], byte[]> consumed, UndecodableRecordException error) {
        send(
                consumed.topic(),
                consumed.partition(),
                consumed.offset(),
                consumed.key(),
                consumed.value(),
                String.valueOf(error.getMessage()));
    }
}
