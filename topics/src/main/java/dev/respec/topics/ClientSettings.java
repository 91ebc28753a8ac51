package dev.respec.topics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Settings of every Kafka client of one process. The installation's own properties win over everything here; only the
 * serializers, which are handed to the clients as objects, cannot be changed.
 */
final class ClientSettings {
    private static final int LARGEST_REQUEST_BYTES = 16 << 20;
    private static final int BATCH_BYTES = 256 << 10;
    private static final int BATCH_WAIT_MILLIS = 500;

    /** The one codec that every client library decompresses without an addition, JavaScript's and Python's among them. */
    private static final Map<String, Object> COMPRESSION =
            Map.of("compression.type", "gzip", "compression.gzip.level", 1);

    private static final List<String> CLIENT_KINDS = List.of("producer.", "consumer.", "admin.");

    /** What a share consumer refuses to be given, because the group's configuration decides it. */
    private static final List<String> NOT_FOR_QUEUES = List.of(
            "auto.offset.reset",
            "enable.auto.commit",
            "group.instance.id",
            "group.protocol",
            "group.remote.assignor",
            "heartbeat.interval.ms",
            "interceptor.classes",
            "isolation.level",
            "partition.assignment.strategy",
            "session.timeout.ms");

    private final ClusterConfig cluster;
    private final String clientId;
    private final AtomicInteger clients = new AtomicInteger();

    ClientSettings(ClusterConfig cluster, String clientId) {
        this.cluster = cluster;
        this.clientId = clientId;
    }

    Map<String, Object> producer() {
        return producer(5);
    }

    /** Sends each record at once. */
    Map<String, Object> promptProducer() {
        return producer(0);
    }

    private Map<String, Object> producer(int lingerMillis) {
        var settings = common("producer.");
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.putAll(COMPRESSION);
        settings.put("linger.ms", lingerMillis);
        settings.put("max.request.size", LARGEST_REQUEST_BYTES);
        return withUserProperties(settings, "producer.");
    }

    Map<String, Object> transactionalProducer(String transactionalId) {
        var settings = producer();
        settings.put("transactional.id", cluster.topicPrefix() + transactionalId);
        return settings;
    }

    /** A consumer that has no group and starts where it is told. */
    Map<String, Object> consumer() {
        var settings = common("consumer.");
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("enable.auto.commit", false);
        settings.put("allow.auto.create.topics", false);
        return withUserProperties(settings, "consumer.");
    }

    /** As {@link #consumer}; the broker answers once enough has come together. */
    Map<String, Object> batchingConsumer() {
        var settings = consumer();
        settings.put("fetch.min.bytes", BATCH_BYTES);
        settings.put("fetch.max.wait.ms", BATCH_WAIT_MILLIS);
        return withUserProperties(settings, "consumer.");
    }

    /** One record at a time, exactly; a consumer that has no room for more stays a member without polling. */
    Map<String, Object> queue(String groupId) {
        var settings = withUserProperties(common("queue."), "consumer.");
        NOT_FOR_QUEUES.forEach(settings::remove);
        settings.put("group.id", groupId(groupId));
        settings.put("share.acknowledgement.mode", "explicit");
        settings.put("share.acquire.mode", "record_limit");
        settings.put("max.poll.records", 1);
        settings.put("max.poll.interval.ms", Integer.MAX_VALUE);
        return settings;
    }

    Map<String, Object> admin() {
        return withUserProperties(common("admin."), "admin.");
    }

    Map<String, Object> streams(String applicationId) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", cluster.bootstrapServers());
        settings.put("application.id", cluster.topicPrefix() + applicationId);
        settings.put("client.id", clientId);
        settings.put("producer.max.request.size", LARGEST_REQUEST_BYTES);
        COMPRESSION.forEach((name, value) -> settings.put("producer." + name, value));
        settings.put("consumer.session.timeout.ms", 10_000); // what a killed instance had moves on after this
        settings.putAll(cluster.properties());
        return settings;
    }

    String groupId(String groupId) {
        return cluster.topicPrefix() + groupId;
    }

    private Map<String, Object> common(String kind) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", cluster.bootstrapServers());
        settings.put("client.id", clientId + "-" + kind + clients.incrementAndGet());
        settings.put("reconnect.backoff.max.ms", 2000);
        // Stages export the clients' metrics themselves; the JMX reporter takes one lock of the process for every
        // metric.
        settings.put("metric.reporters", List.of());
        return settings;
    }

    private Map<String, Object> withUserProperties(Map<String, Object> settings, String kind) {
        cluster.properties().forEach((name, value) -> {
            if (CLIENT_KINDS.stream().noneMatch(name::startsWith)) {
                settings.put(name, value);
            }
        });
        cluster.properties().forEach((name, value) -> {
            if (name.startsWith(kind)) {
                settings.put(name.substring(kind.length()), value);
            }
        });
        return settings;
    }
}
