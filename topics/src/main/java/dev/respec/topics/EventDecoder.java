package dev.respec.topics;

import dev.respec.schemas.AvroCodec;
import dev.respec.schemas.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Bytes to events; what does not decode goes to the handler. */
final class EventDecoder<V extends SpecificRecord> {
    private final AvroCodec<V> codec;
    private final BiConsumer<ConsumerRecord<byte[], byte[]>, UndecodableRecordException> undecodable;

    EventDecoder(
            AvroCodec<V> codec, BiConsumer<ConsumerRecord<byte[], byte[]>, UndecodableRecordException> undecodable) {
        this.codec = codec;
        this.undecodable = undecodable;
    }

    Optional<Event<V>> decode(ConsumerRecord<byte[], byte[]> consumed) {
        try {
            return Optional.of(new Event<>(
                    consumed.topic(),
                    consumed.partition(),
                    consumed.offset(),
                    Instant.ofEpochMilli(consumed.timestamp()),
                    consumed.key() == null ? null : new String(consumed.key(), StandardCharsets.UTF_8),
                    consumed.value() == null ? null : codec.decode(consumed.value()),
                    TraceHeader.of(consumed.headers())));
        } catch (UndecodableRecordException e) {
            undecodable.accept(consumed, e);
            return Optional.empty();
        }
    }
}
