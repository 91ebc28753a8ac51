package dev.respec.ops.broker;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Settings of a single node on one small machine, where Kafka's defaults are for a cluster. */
final class EmbeddedBrokerSettings {
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    /** One node keeps one copy. */
    private static final Map<String, String> ONE_COPY = Map.ofEntries(
            Map.entry("default.replication.factor", "1"),
            Map.entry("min.insync.replicas", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "4"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "4"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"));

    /** A crash of a node or a client is noticed in seconds; a machine that is too busy to answer is tolerated. */
    private static final Map<String, String> QUICK_TO_NOTICE = Map.ofEntries(
            Map.entry("broker.heartbeat.interval.ms", "500"),
            Map.entry("broker.session.timeout.ms", "9000"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            // A client spins while the answer to a heartbeat takes longer than this.
            Map.entry("group.share.heartbeat.interval.ms", "1000"),
            Map.entry("group.share.min.heartbeat.interval.ms", "1000"),
            Map.entry("group.share.session.timeout.ms", "10000"),
            Map.entry("group.share.min.session.timeout.ms", "3000"),
            // The answer to the first heartbeat has the assignment.
            Map.entry("group.share.assignment.interval.ms", "0"),
            Map.entry("group.share.initialize.retry.interval.ms", "1000"),
            Map.entry("group.share.min.record.lock.duration.ms", "1000"),
            Map.entry("group.share.max.size", "1000"));

    /** Memory and threads of one machine that has other things to do. */
    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "4"),
            Map.entry("background.threads", "2"),
            Map.entry("log.cleaner.dedupe.buffer.size", "8388608"));

    private EmbeddedBrokerSettings() {}

    static Map<String, String> of(Path directory, int nodeId, int clientPort, int controllerPort) {
        var settings = new HashMap<String, String>();
        settings.putAll(node(directory, nodeId, clientPort, controllerPort));
        settings.putAll(ONE_COPY);
        settings.putAll(QUICK_TO_NOTICE);
        settings.putAll(SMALL);
        return settings;
    }

    private static Map<String, String> node(Path directory, int nodeId, int clientPort, int controllerPort) {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", Integer.toString(nodeId)),
                Map.entry("controller.quorum.voters", nodeId + "@127.0.0.1:" + controllerPort),
                Map.entry("controller.listener.names", CONTROLLER_LISTENER),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(clientPort, controllerPort)),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + clientPort),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry("log.dirs", directory.toString()),
                Map.entry("auto.create.topics.enable", "false"));
    }
}
