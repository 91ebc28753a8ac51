package dev.respec.schemas;

import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.schemas.registry.SchemaRegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.NullMarked;

/**
 * One record type in the Confluent wire format: byte 0, the writer schema's id as big-endian int32, Avro binary.
 * Records of every earlier schema resolve to the type's own. Thread-safe.
 */
@NullMarked
public final class AvroCodec<V extends SpecificRecord> {
    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    static {
        TrustedEvents.trust();
    }

    private final Class<V> type;
    private final SpecificData model;
    private final Schema schema;
    private final String subject;
    private final SchemaRegistryClient registry;
    private final DatumWriter<V> writer;
    private final Map<Integer, DatumReader<V>> readers = new ConcurrentHashMap<>();

    /** @param subject under which the schema is registered, {@code <topic>-value} */
    public AvroCodec(Class<V> type, String subject, SchemaRegistryClient registry) {
        this.type = type;
        this.subject = subject;
        this.registry = registry;
        this.model = SpecificData.getForClass(type);
        this.schema = model.getSchema(type);
        this.writer = new SpecificDatumWriter<>(schema, model);
    }

    /** @throws SchemaRegistryException if the schema has no id yet and the registry gives none */
    public byte[] encode(V value) {
        var bytes = new ByteArrayOutputStream(512);
        bytes.write(MAGIC);
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .putInt(registry.register(subject, schema))
                .array());
        try {
            var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            writer.write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * @throws UndecodableRecordException if the bytes will never decode
     * @throws SchemaRegistryException if the registry could not be asked: the same bytes may decode later
     */
    public V decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
            throw new UndecodableRecordException(
                    "%s: %d bytes that do not start with 0 and a schema id".formatted(describe(), bytes.length), null);
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        try {
            var decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
            var value = reader(id).read(null, decoder);
            if (!decoder.isEnd()) {
                throw new UndecodableRecordException(describe() + ": bytes left over after schema id " + id, null);
            }
            return value;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | ClassCastException e) {
            throw new UndecodableRecordException("%s, schema id %d: %s".formatted(describe(), id, e), e);
        }
    }

    private DatumReader<V> reader(int id) {
        return readers.computeIfAbsent(id, key -> new SpecificDatumReader<>(writerSchema(key), schema, model));
    }

    private Schema writerSchema(int id) {
        try {
            return registry.schemaById(id);
        } catch (SchemaRegistryException e) {
            if (e.status() == 404) {
                throw new UndecodableRecordException(describe() + ": the registry has no schema with id " + id, e);
            }
            throw e;
        }
    }

    private String describe() {
        return type.getSimpleName() + " of " + subject;
    }
}
