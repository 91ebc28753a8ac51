package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.broker.EmbeddedBroker;
import dev.respec.ops.broker.EmbeddedBrokerException;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.embedded.EmbeddedSchemaRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    @TempDir
    Path directory;

    @Test
    void shouldHaveItsDataAgainAfterARestart() {
        try (var registry = EmbeddedSchemaRegistry.start()) {
            try (var broker = EmbeddedBroker.start(directory, 0, Map.of());
                    var events = new EventLog(cluster(broker.bootstrapServers(), registry), "test");
                    var producer = events.producer()) {
                events.provisioner().apply();
                producer.sendAndWait(TopicCatalogue.WORKER_STATUS, "kept", Samples.status("kept"));
            }
            try (var broker = EmbeddedBroker.start(directory, 0, Map.of());
                    var events = new EventLog(cluster(broker.bootstrapServers(), registry), "test")) {
                events.verifyReachable(Duration.ofSeconds(10));
                assertThat(events.readAll(TopicCatalogue.WORKER_STATUS))
                        .extracting(Event::key)
                        .containsExactly("kept");
                await().untilAsserted(
                                () -> assertThat(events.provisioner().plan()).isEmpty());
            }
        }
    }

    @Test
    void shouldNameATakenPort() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedBroker.start(directory, taken.getLocalPort(), Map.of()))
                    .isInstanceOf(EmbeddedBrokerException.class)
                    .hasMessageMatching("broker: port " + taken.getLocalPort() + " is taken \\(.*\\): stop what .*");
        }
    }

    @Test
    void shouldNameAFolderThatAnotherBrokerUses() {
        try (var broker = EmbeddedBroker.start(directory, 0, Map.of())) {
            assertThat(broker.port()).isPositive();
            assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0, Map.of()))
                    .isInstanceOf(EmbeddedBrokerException.class)
                    .hasMessageStartingWith("broker: " + directory + " is in use by another broker");
        }
    }

    @Test
    void shouldSayInOneLineThatNobodyAnswers() {
        try (var registry = EmbeddedSchemaRegistry.start();
                var events = new EventLog(cluster("127.0.0.1:9", registry), "test")) {
            assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(1)))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessage("kafka at 127.0.0.1:9 does not answer within 1 s: start the broker or set"
                            + " kafka.bootstrap-servers");
        }
        try (var registry = EmbeddedSchemaRegistry.start();
                var events = new EventLog(cluster("no.such.host.invalid:9092", registry), "test")) {
            assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(5)))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageStartingWith("kafka at no.such.host.invalid:9092 cannot be used");
        }
    }

    @Test
    void shouldSayThatTheRegistryDoesNotAnswer() {
        try (var broker = EmbeddedBroker.start(directory, 0, Map.of())) {
            var config =
                    new ClusterConfig(broker.bootstrapServers(), "", Map.of(), RegistryConfig.of("http://127.0.0.1:9"));
            try (var events = new EventLog(config, "test")) {
                assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(10)))
                        .isInstanceOf(ClusterUnreachableException.class)
                        .hasMessageStartingWith("schema registry does not answer")
                        .hasMessageContaining("http://127.0.0.1:9");
            }
        }
    }

    private static ClusterConfig cluster(String bootstrapServers, EmbeddedSchemaRegistry registry) {
        var access = new RegistryConfig(List.of(registry.url()), null, null);
        return new ClusterConfig(bootstrapServers, "", Map.of(), access);
    }
}
