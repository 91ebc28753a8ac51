package dev.respec.ops;

import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The catalogue's topics as resources of Strimzi's topic operator. */
final class StrimziTopics {
    private final String cluster;
    private final String topicPrefix;
    private final int replicas;

    /** @param cluster name of the Strimzi {@code Kafka} resource whose operator makes the topics */
    StrimziTopics(String cluster, String topicPrefix, int replicas) {
        this.cluster = cluster;
        this.topicPrefix = topicPrefix;
        this.replicas = replicas;
    }

    /** One YAML document a topic. */
    String yaml() {
        return TopicCatalogue.all().stream().map(this::resource).collect(Collectors.joining("---\n"));
    }

    private String resource(Topic<?> topic) {
        var name = topicPrefix + topic.name();
        var configuration = new TreeMap<>(topic.configuration());
        configuration.put("min.insync.replicas", Integer.toString(Math.max(1, replicas - 1)));
        var config = configuration.entrySet().stream()
                .map(entry -> "    %s: \"%s\"%n".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining());
        return """
                apiVersion: kafka.strimzi.io/v1
                kind: KafkaTopic
                metadata:
                  name: %s
                  labels:
                    strimzi.io/cluster: %s
                spec:
                  topicName: %s
                  partitions: %d
                  replicas: %d
                  config:
                %s""".formatted(resourceName(name), cluster, name, topic.partitions(), replicas, config);
    }

    /** Kubernetes allows less in a name than Kafka does. */
    private static String resourceName(String topicName) {
        return topicName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-").replaceAll("^[.-]+", "");
    }
}
