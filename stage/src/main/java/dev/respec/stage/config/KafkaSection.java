package dev.respec.stage.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

public record KafkaSection(
        String bootstrapServers, String topicPrefix, Map<String, String> properties, String propertiesFile) {
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

    /** The properties over those of the file, which is read now: a secret that was renewed counts for the next start. */
    Map<String, String> clientProperties() {
        var all = new HashMap<String, String>();
        if (!propertiesFile.isEmpty()) {
            var read = new Properties();
            try (var text = Files.newBufferedReader(Path.of(propertiesFile), StandardCharsets.UTF_8)) {
                read.load(text);
            } catch (IOException | IllegalArgumentException e) {
                // Why a line is malformed is not said: the line may hold a secret.
                throw new ConfigException("config: kafka.properties-file '%s' cannot be read: %s"
                        .formatted(
                                propertiesFile,
                                e instanceof IOException failure
                                        ? FileFailure.reason(Path.of(propertiesFile), failure)
                                        : "it is not a Java properties file"));
            }
            read.stringPropertyNames().forEach(name -> all.put(name, read.getProperty(name)));
        }
        all.putAll(properties);
        return all;
    }

    /** Without the values of the properties: some are secrets. */
    @Override
    public String toString() {
        return "KafkaSection[%s, %s, %s, %s]"
                .formatted(bootstrapServers, topicPrefix, properties.keySet(), propertiesFile);
    }
}
