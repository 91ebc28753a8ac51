package dev.respec.ops.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.respec.schemas.PackedArrays;
import dev.respec.topics.Event;
import dev.respec.topics.RecordedLog.Recorded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record as one JSON object: where it stood ({@code kafka_…}), then its fields in snake case. Packed arrays become
 * arrays, other bytes base64, times ISO 8601, numbers that are none the strings "NaN", "Infinity" and "-Infinity".
 */
final class RecordJson {
    /** By the name in the schema: a rollout has hundreds of fields, those of its spans counted. */
    private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

    private final JsonGenerator json;
    private final TokenText text;

    RecordJson(JsonGenerator json, TokenText text) {
        this.json = json;
        this.text = text;
    }

    /** Name of a field in exports. */
    static String name(Schema.Field field) {
        return NAMES.computeIfAbsent(
                field.name(),
                name -> name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT));
    }

    void write(Recorded<?> recorded) throws IOException {
        Event<?> event = recorded.event();
        json.writeStartObject();
        json.writeStringField("kafka_topic", event.topic());
        json.writeNumberField("kafka_partition", event.partition());
        json.writeNumberField("kafka_offset", event.offset());
        json.writeStringField("kafka_timestamp", event.timestamp().toString());
        json.writeStringField("kafka_key", event.key());
        if (event.value() instanceof IndexedRecord value) {
            fields(value);
        }
        json.writeEndObject();
    }

    private void fields(IndexedRecord value) throws IOException {
        for (Schema.Field field : value.getSchema().getFields()) {
            Object content = value.get(field.pos());
            json.writeFieldName(name(field));
            value(content, field.doc());
            if (!TokenText.addedTo(field).isEmpty()) {
                tokens(field, (ByteBuffer) content);
            }
        }
    }

    private void tokens(Schema.Field field, ByteBuffer packed) throws IOException {
        List<SqlTypes.Column> names = TokenText.addedTo(field);
        int[] tokens = whole(packed) ? PackedArrays.toInts(packed) : null;
        json.writeStringField(names.get(0).name(), tokens == null ? null : text.text(tokens));
        json.writeFieldName(names.get(1).name());
        value(tokens == null ? null : text.pieces(tokens), null);
    }

    private void value(@Nullable Object value, @Nullable String doc) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof IndexedRecord nested) {
            json.writeStartObject();
            fields(nested);
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                value(element, null);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (var entry : map.entrySet()) {
                json.writeFieldName(entry.getKey().toString());
                value(entry.getValue(), null);
            }
            json.writeEndObject();
        } else if (value instanceof ByteBuffer bytes) {
            bytes(bytes, PackedLayout.of(doc));
        } else {
            scalar(value);
        }
    }

    private void scalar(Object value) throws IOException {
        if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Float number) {
            json.writeNumber(number);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Integer number) {
            json.writeNumber(number);
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof CharSequence || value instanceof Enum<?> || value instanceof Instant) {
            json.writeString(value.toString());
        } else {
            throw new IllegalStateException("no JSON for " + value.getClass());
        }
    }

    /** An array of a strange producer may be cut off: it is exported as null, the rest of its record stands. */
    private static boolean whole(ByteBuffer packed) {
        return packed.remaining() % Integer.BYTES == 0;
    }

    private void bytes(ByteBuffer bytes, PackedLayout layout) throws IOException {
        if (layout != PackedLayout.OPAQUE && !whole(bytes)) {
            json.writeNull();
            return;
        }
        switch (layout) {
            case INTS -> {
                int[] values = PackedArrays.toInts(bytes);
                json.writeArray(values, 0, values.length);
            }
            case FLOATS -> {
                json.writeStartArray();
                for (float value : PackedArrays.toFloats(bytes)) {
                    json.writeNumber(value);
                }
                json.writeEndArray();
            }
            case OPAQUE -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                json.writeString(Base64.getEncoder().encodeToString(copy));
            }
        }
    }
}
