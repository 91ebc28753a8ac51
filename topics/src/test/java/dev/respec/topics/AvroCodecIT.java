package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.AvroCodec;
import dev.respec.schemas.UndecodableRecordException;
import dev.respec.schemas.WorkerStatus;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.schemas.registry.SchemaRegistryException;
import dev.respec.topics.embedded.EmbeddedSchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AvroCodecIT {
    private final EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start();
    private final SchemaRegistryClient client =
            new SchemaRegistryClient(RegistryConfig.of(registry.url().toString()));
    private final AvroCodec<WorkerStatus> codec = new AvroCodec<>(WorkerStatus.class, "status-value", client);

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void shouldWriteTheWireFormatThatAnyAvroReaderReads() throws IOException {
        // When
        var bytes = ByteBuffer.wrap(codec.encode(Samples.status("w-1")));

        // Then
        assertThat(bytes.get()).isZero();
        var schema = client.schemaById(bytes.getInt());
        assertThat(schema.toString()).doesNotContain("avro.java.string");
        var body = Arrays.copyOfRange(bytes.array(), 5, bytes.array().length);
        GenericRecord record = new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(body, null));
        assertThat(record.get("workerId")).hasToString("w-1");
        assertThat(record.get("tokensPerSecond")).isEqualTo(1234.5);
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        var status = Samples.status("w-2");

        assertThat(codec.decode(codec.encode(status))).isEqualTo(status);
    }

    @Test
    void shouldAskTheRegistryOncePerSchema() {
        codec.encode(Samples.status("a"));
        int before = registry.requests();

        for (int i = 0; i < 100; i++) {
            codec.decode(codec.encode(Samples.status("a")));
        }

        assertThat(registry.requests()).isEqualTo(before + 1);
    }

    @Test
    void shouldDecodeARecordOfAWriterThatKnowsMoreFields() throws IOException {
        // Given a writer with one field more
        var fields = WorkerStatus.getClassSchema().getFields().stream()
                .map(field -> new Schema.Field(field, field.schema()))
                .collect(Collectors.toList());
        fields.add(new Schema.Field("novelty", SchemaBuilder.builder().stringType(), null, ""));
        var newer = Schema.createRecord("WorkerStatus", null, "dev.respec.schemas", false, fields);
        int id = client.register("newer-value", newer);
        var record = new GenericData.Record(newer);
        var status = Samples.status("w-3");
        WorkerStatus.getClassSchema().getFields().forEach(field -> record.put(field.name(), status.get(field.pos())));
        record.put("heartbeatAt", status.getHeartbeatAt().toEpochMilli());
        record.put("novelty", "unknown here");
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(newer).write(record, encoder);

        // When, Then
        assertThat(codec.decode(bytes.toByteArray())).isEqualTo(status);
    }

    @Test
    void shouldCallUndecodableWhatNeverDecodes() {
        var good = codec.encode(Samples.status("w"));
        var truncated = Arrays.copyOf(good, good.length - 3);
        var longer = Arrays.copyOf(good, good.length + 1);
        var unknownId = good.clone();
        unknownId[1] = 99;

        for (byte[] bad :
                new byte[][] {{}, {0, 0}, "plain text".getBytes(StandardCharsets.UTF_8), truncated, longer, unknownId
                }) {
            assertThatThrownBy(() -> codec.decode(bad))
                    .isInstanceOf(UndecodableRecordException.class)
                    .hasMessageContaining("WorkerStatus of status-value");
        }
    }

    @Test
    void shouldNotCallUndecodableWhatTheRegistryCannotTell() {
        var bytes = codec.encode(Samples.status("w"));
        var elsewhere = new SchemaRegistryClient(RegistryConfig.of("http://127.0.0.1:9"));

        assertThatThrownBy(() -> new AvroCodec<>(WorkerStatus.class, "status-value", elsewhere).decode(bytes))
                .isInstanceOf(SchemaRegistryException.class)
                .hasMessageContaining("http://127.0.0.1:9");
    }
}
