package dev.respec.ops.replay;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** DuckDB's types for what {@link RecordJson} writes. */
final class SqlTypes {
    private SqlTypes() {}

    /** A column and its type, both as SQL. */
    record Column(String name, String type) {
        String declaration() {
            return "\"%s\": '%s'".formatted(name, type);
        }
    }

    /** Columns of a topic's export. */
    static List<Column> columns(Schema schema) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("kafka_topic", "VARCHAR"));
        columns.add(new Column("kafka_partition", "INTEGER"));
        columns.add(new Column("kafka_offset", "BIGINT"));
        columns.add(new Column("kafka_timestamp", "TIMESTAMPTZ"));
        columns.add(new Column("kafka_key", "VARCHAR"));
        for (Schema.Field field : schema.getFields()) {
            columns.add(new Column(RecordJson.name(field), type(field.schema(), field.doc())));
            TokenText.addedTo(field).forEach(added -> columns.add(new Column(added.name(), added.type())));
        }
        return columns;
    }

    private static String type(Schema schema, String doc) {
        if (schema.getLogicalType() instanceof LogicalTypes.TimestampMillis) {
            return "TIMESTAMPTZ";
        }
        return switch (schema.getType()) {
            case STRING, ENUM -> "VARCHAR";
            case INT -> "INTEGER";
            case LONG -> "BIGINT";
            case FLOAT -> "FLOAT";
            case DOUBLE -> "DOUBLE";
            case BOOLEAN -> "BOOLEAN";
            case BYTES ->
                switch (PackedLayout.of(doc)) {
                    case INTS -> "INTEGER[]";
                    case FLOATS -> "FLOAT[]";
                    case OPAQUE -> "VARCHAR";
                };
            case ARRAY -> type(schema.getElementType(), "") + "[]";
            case MAP -> "MAP(VARCHAR, %s)".formatted(type(schema.getValueType(), ""));
            case RECORD -> struct(schema);
            case UNION -> type(present(schema), doc);
            default -> throw new IllegalStateException("no SQL type for " + schema);
        };
    }

    /** The one type of an optional field. */
    static Schema present(Schema union) {
        return union.getTypes().stream()
                .filter(option -> option.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }

    private static String struct(Schema schema) {
        List<String> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            fields.add("\"%s\" %s".formatted(RecordJson.name(field), type(field.schema(), field.doc())));
            TokenText.addedTo(field).forEach(added -> fields.add("\"%s\" %s".formatted(added.name(), added.type())));
        }
        return "STRUCT(" + String.join(", ", fields) + ")";
    }
}
