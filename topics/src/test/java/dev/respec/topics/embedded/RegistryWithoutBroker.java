package dev.respec.topics.embedded;

import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A registry for the tests of a class that drive a topology, which needs codecs but no broker. A JUnit extension. */
public final class RegistryWithoutBroker implements BeforeAllCallback, AfterAllCallback {
    /** Of all topics' names. */
    public static final String TOPIC_PREFIX = "p-";

    private @Nullable EmbeddedSchemaRegistry registry;

    @Override
    public void beforeAll(ExtensionContext context) {
        registry = EmbeddedSchemaRegistry.start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        registry().close();
    }

    /** Topics and codecs on this registry and on no cluster. To be closed by the caller. */
    public EventLog events() {
        var config = new RegistryConfig(List.of(registry().url()), null, null);
        return new EventLog(new ClusterConfig("localhost:1", TOPIC_PREFIX, Map.of(), config), "test");
    }

    private EmbeddedSchemaRegistry registry() {
        return Objects.requireNonNull(registry, "use it as a JUnit extension");
    }
}
