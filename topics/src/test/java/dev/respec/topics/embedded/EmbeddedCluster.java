package dev.respec.topics.embedded;

import dev.respec.ops.broker.EmbeddedBroker;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Broker and registry for the tests of a class, with the catalogue's topics under a prefix of the class's own:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final EmbeddedCluster cluster = new EmbeddedCluster();
 * }</pre>
 *
 * The broker is started once per process and shared by its classes.
 */
public final class EmbeddedCluster implements BeforeAllCallback, AfterAllCallback {
    private final String prefix = "t" + UUID.randomUUID().toString().substring(0, 8) + "-";
    private @Nullable EventLog events;

    @Override
    public void beforeAll(ExtensionContext context) {
        events = new EventLog(clusterConfig(), "test");
        events.provisioner().apply();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        events().close();
    }

    /** For processes under test. */
    public ClusterConfig clusterConfig() {
        var cluster = Shared.instance();
        return new ClusterConfig(
                cluster.broker.bootstrapServers(),
                prefix,
                Map.of(),
                new RegistryConfig(List.of(cluster.registry.url()), null, null));
    }

    public EventLog events() {
        return Objects.requireNonNull(events, "use it as a JUnit extension");
    }

    /** Settings of the configuration that lead a stage to this cluster. */
    public List<String> configSettings() {
        var config = clusterConfig();
        return List.of(
                "kafka.bootstrap-servers=" + config.bootstrapServers(),
                "kafka.topic-prefix=" + prefix,
                "registry.urls=" + config.registry().urls().get(0));
    }

    private static final class Shared {
        /** Tests write records of any time: retention would delete old ones half a minute after the broker's start. */
        private static final String KEEPS_RECORDS_MILLISECONDS = "36000000";

        private static @Nullable Shared instance;

        private final Path directory;
        private final EmbeddedBroker broker;
        private final EmbeddedSchemaRegistry registry;

        private Shared() {
            try {
                directory = Files.createTempDirectory("broker");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            registry = EmbeddedSchemaRegistry.start();
            broker =
                    EmbeddedBroker.start(directory, 0, Map.of("log.initial.task.delay.ms", KEEPS_RECORDS_MILLISECONDS));
            Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        }

        static synchronized Shared instance() {
            if (instance == null) {
                instance = new Shared();
            }
            return instance;
        }

        private void close() {
            broker.close();
            registry.close();
            try (var files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
