package dev.respec.topics;

import dev.respec.schemas.registry.RegistryConfig;
import java.util.Map;

/**
 * The Kafka cluster and registry of one installation.
 *
 * @param topicPrefix put before every topic, group and subject name; empty for none
 * @param properties Kafka client settings that win over ours; a name may begin with {@code producer.}, {@code consumer.}
 *     or {@code admin.} to reach only those clients
 */
public record ClusterConfig(
        String bootstrapServers, String topicPrefix, Map<String, String> properties, RegistryConfig registry) {
    public ClusterConfig {
        properties = Map.copyOf(properties);
    }

    /** Names the properties without their values: some are secrets. */
    @Override
    public String toString() {
        return "ClusterConfig[bootstrapServers=%s, topicPrefix=%s, properties=%s, registry=%s]"
                .formatted(bootstrapServers, topicPrefix, properties.keySet(), registry);
    }
}
