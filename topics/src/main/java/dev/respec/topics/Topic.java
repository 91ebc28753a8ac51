package dev.respec.topics;

import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * One topic of the catalogue.
 *
 * @param name without the installation's prefix
 * @param valueType record in the topic; keys are UTF-8 text
 * @param partitions at least this many; an installation may have more
 * @param configuration Kafka's topic configuration, if it differs from the broker's
 * @param key what the key is, in words
 * @param writers stages that write it
 * @param readers stages that read it
 */
public record Topic<V extends SpecificRecord>(
        String name,
        Class<V> valueType,
        int partitions,
        Map<String, String> configuration,
        String key,
        List<String> writers,
        List<String> readers) {
    public Topic {
        configuration = Map.copyOf(configuration);
        writers = List.copyOf(writers);
        readers = List.copyOf(readers);
    }

    @Override
    public String toString() {
        return name;
    }
}
