package dev.respec.stage.config;

import java.util.Map;

public record KafkaSection(String bootstrapServers, String topicPrefix, Map<String, String> properties) {
    public KafkaSection {
        InvalidValue.require(
                !bootstrapServers.isBlank(), "bootstrap-servers", bootstrapServers, "host:port, comma-separated");
        InvalidValue.require(
                topicPrefix.matches("[a-zA-Z0-9._-]*"),
                "topic-prefix",
                topicPrefix,
                "letters, digits, '.', '_' and '-' only");
        properties = Map.copyOf(properties);
    }

    /** Without the values of the properties: some are secrets. */
    @Override
    public String toString() {
        return "KafkaSection[%s, %s, %s]".formatted(bootstrapServers, topicPrefix, properties.keySet());
    }
}
