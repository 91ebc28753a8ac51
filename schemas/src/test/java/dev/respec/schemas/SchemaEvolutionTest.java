package dev.respec.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records of every published version in the hands of readers of every other version, older and newer: what both know is
 * what was written, what only the reader knows is its default.
 */
class SchemaEvolutionTest {
    private static final int RECORDS = 40;
    private static final long SEED = Long.getLong("seed", 17);

    record Pair(Schema writer, Schema reader, String name) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Pair> pairs() throws IOException {
        List<Pair> pairs = new ArrayList<>();
        for (Schema event : PublishedSchemasTest.events()) {
            List<Schema> versions = PublishedSchemasTest.published(event);
            for (int writer = 0; writer < versions.size(); writer++) {
                for (int reader = 0; reader < versions.size(); reader++) {
                    pairs.add(new Pair(
                            versions.get(writer),
                            versions.get(reader),
                            "%s %d read as %d".formatted(event.getName(), writer + 1, reader + 1)));
                }
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void shouldReadWhatAnotherVersionWrote(Pair pair) throws IOException {
        for (Object written : new RandomData(pair.writer(), RECORDS, SEED)) {
            GenericRecord record = (GenericRecord) written;
            verify(record, read(pair, bytes(record, pair.writer())), pair + ", seed " + SEED);
        }
    }

    /** A reader of version 2 of a rollout, as workers and scorers of the version before are. */
    @Test
    void shouldGiveOldReadersARolloutWithoutItsOrigins() throws IOException {
        List<Schema> versions = PublishedSchemasTest.published(Rollout.getClassSchema());
        Schema newest = versions.get(versions.size() - 1);
        assertThat(newest.getField("originSpans")).isNotNull();
        for (Schema older : versions.subList(0, 2)) {
            assertThat(older.getField("originSpans")).isNull();
            GenericRecord record =
                    (GenericRecord) new RandomData(newest, 1, SEED).iterator().next();
            GenericRecord read = read(new Pair(newest, older, "older"), bytes(record, newest));
            assertThat(read.get("responseTokens")).isEqualTo(record.get("responseTokens"));

            GenericRecord old =
                    (GenericRecord) new RandomData(older, 1, SEED).iterator().next();
            GenericRecord today = read(new Pair(older, newest, "newer"), bytes(old, older));
            assertThat((List<?>) today.get("originSpans")).isEmpty();
        }
    }

    private static void verify(GenericRecord written, GenericRecord read, String where) {
        for (Field field : read.getSchema().getFields()) {
            Field origin = written.getSchema().getField(field.name());
            String at = where + ", field " + field.name();
            if (origin == null) {
                assertThat(field.hasDefaultValue()).as(at).isTrue();
                assertThat(read.get(field.pos()))
                        .as(at)
                        .isEqualTo(GenericData.get().getDefaultValue(field));
            } else {
                verify(written.get(origin.pos()), read.get(field.pos()), field.schema(), at);
            }
        }
    }

    private static void verify(Object written, Object read, Schema reader, String at) {
        if (written instanceof GenericRecord record) {
            verify(record, (GenericRecord) Objects.requireNonNull(read), at);
        } else if (written instanceof List<?> list) {
            List<?> found = (List<?>) read;
            assertThat(found).as(at).hasSameSizeAs(list);
            for (int i = 0; i < list.size(); i++) {
                verify(list.get(i), found.get(i), reader, at + "[" + i + "]");
            }
        } else if (written instanceof GenericData.EnumSymbol symbol) {
            Schema type = ((GenericData.EnumSymbol) read).getSchema();
            assertThat(read)
                    .as(at)
                    .hasToString(type.hasEnumSymbol(symbol.toString()) ? symbol.toString() : type.getEnumDefault());
        } else if (written instanceof Map<?, ?> map) {
            assertThat(text((Map<?, ?>) read)).as(at).isEqualTo(text(map));
        } else if (written instanceof CharSequence text) {
            assertThat(read).as(at).hasToString(text.toString());
        } else {
            assertThat(read).as(at).isEqualTo(written);
        }
    }

    private static Map<String, Object> text(Map<?, ?> map) {
        return map.entrySet().stream()
                .collect(Collectors.toMap(each -> each.getKey().toString(), each -> plain(each.getValue())));
    }

    private static Object plain(Object value) {
        return value instanceof CharSequence text ? text.toString() : value;
    }

    private static byte[] bytes(GenericRecord record, Schema writer) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(writer).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static GenericRecord read(Pair pair, byte[] bytes) throws IOException {
        return new GenericDatumReader<GenericRecord>(pair.writer(), pair.reader())
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }
}
