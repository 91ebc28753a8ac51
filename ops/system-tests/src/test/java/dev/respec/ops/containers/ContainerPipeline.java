package dev.respec.ops.containers;

import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Kafka, registry and any number of stages on one network; whatever was started ends with it. */
final class ContainerPipeline implements AutoCloseable {
    static final String RUN = "containers";

    private static final String REGISTRY_PATH = "/apis/ccompat/v7";
    private static final String KAFKA_ON_NETWORK = "kafka:19092";
    private static final String REGISTRY_ON_NETWORK = "http://registry:8080" + REGISTRY_PATH;

    private final String name = "respec-" + UUID.randomUUID().toString().substring(0, 8);
    private final Network network = Network.newNetwork();
    private final KafkaContainer kafka;
    private final GenericContainer<?> registry;
    private final Deque<StageContainer> stages = new ArrayDeque<>();

    ContainerPipeline() {
        kafka = new KafkaContainer(
                        DockerImageName.parse(ContainerEngine.image("kafka")).asCompatibleSubstituteFor("apache/kafka"))
                .withNetwork(network)
                .withListener(KAFKA_ON_NETWORK)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
                .withEnv("KAFKA_GROUP_SHARE_HEARTBEAT_INTERVAL_MS", "1000")
                .withEnv("KAFKA_GROUP_SHARE_MIN_HEARTBEAT_INTERVAL_MS", "1000")
                .withEnv("KAFKA_GROUP_SHARE_ASSIGNMENT_INTERVAL_MS", "0")
                .withEnv("KAFKA_GROUP_SHARE_SESSION_TIMEOUT_MS", "10000")
                .withEnv("KAFKA_GROUP_SHARE_MIN_SESSION_TIMEOUT_MS", "3000");
        registry = new GenericContainer<>(ContainerEngine.image("registry"))
                .withNetwork(network)
                .withNetworkAliases("registry")
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp(REGISTRY_PATH + "/subjects").withStartupTimeout(Duration.ofMinutes(3)));
    }

    void start() {
        kafka.start();
        registry.start();
        try (var provisioning = new GenericContainer<>(ContainerEngine.image("command"))
                .withNetwork(network)
                .withEnv(connection())
                .withCommand("topics", "apply")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(Duration.ofMinutes(2)))) {
            provisioning.start();
        }
    }

    Network network() {
        return network;
    }

    /** For the test's own reading. */
    EventLog events() {
        var access = RegistryConfig.of(
                "http://%s:%d%s".formatted(registry.getHost(), registry.getMappedPort(8080), REGISTRY_PATH));
        return new EventLog(new ClusterConfig(kafka.getBootstrapServers(), "", Map.of(), access), "container-test");
    }

    /** Starts a stage and waits until it is ready; the artefacts are on a volume that all share. */
    StageContainer start(String stage, Map<String, String> settings, int memoryMebibytes) {
        var environment = new HashMap<>(connection());
        environment.putAll(settings);
        var volumes = new HashMap<>(Map.of("/artefacts", name + "-artefacts"));
        if (stage.equals("trainer")) {
            volumes.put("/var/lib/respec", name + "-trainer");
        }
        var container = new StageContainer(stage, network, environment, volumes, memoryMebibytes);
        stages.push(container);
        container.start();
        return container;
    }

    Iterable<StageContainer> stages() {
        return stages;
    }

    @Override
    public void close() {
        stages.forEach(StageContainer::stop);
        registry.stop();
        kafka.stop();
        network.close();
        for (String volume : new String[] {name + "-artefacts", name + "-trainer"}) {
            DockerClientFactory.lazyClient().removeVolumeCmd(volume).exec();
        }
    }

    private static Map<String, String> connection() {
        return Map.of(
                "RESPEC_KAFKA_BOOTSTRAP_SERVERS", KAFKA_ON_NETWORK,
                "RESPEC_REGISTRY_URLS", REGISTRY_ON_NETWORK,
                "RESPEC_RUN_ID", RUN);
    }
}
