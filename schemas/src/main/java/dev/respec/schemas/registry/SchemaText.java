package dev.respec.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;

/** The text of a schema as other languages should see it: without the marks of the Java generator. */
public final class SchemaText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JAVA_STRING = "avro.java.string";

    private SchemaText() {}

    /** The schema with {@code avro.java.string} removed; encodes to the same bytes. */
    public static Schema portable(Schema schema) {
        try {
            return new Schema.Parser()
                    .parse(strip(JSON.readTree(schema.toString())).toString());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("schema " + schema.getFullName() + " is not JSON", e);
        }
    }

    private static JsonNode strip(JsonNode node) {
        if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, strip(array.get(i)));
            }
        } else if (node instanceof ObjectNode object) {
            boolean marked = object.remove(JAVA_STRING) != null;
            if (marked && object.size() == 1) {
                return object.get("type");
            }
            object.fieldNames().forEachRemaining(name -> object.set(name, strip(object.get(name))));
        }
        return node;
    }
}
