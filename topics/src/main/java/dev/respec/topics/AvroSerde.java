package dev.respec.topics;

import dev.respec.schemas.AvroCodec;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.NullUnmarked;

/** A codec as Kafka Streams takes it; null stays null both ways. */
@NullUnmarked
final class AvroSerde<V extends SpecificRecord> implements Serde<V> {
    private final AvroCodec<V> codec;

    AvroSerde(AvroCodec<V> codec) {
        this.codec = codec;
    }

    @Override
    public Serializer<V> serializer() {
        return (topic, value) -> value == null ? null : codec.encode(value);
    }

    @Override
    public Deserializer<V> deserializer() {
        return (topic, bytes) -> bytes == null ? null : codec.decode(bytes);
    }
}
