package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.schemas.registry.SchemaRegistryException;
import dev.respec.topics.embedded.EmbeddedSchemaRegistry;
import java.net.URI;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryClientIT {
    private static final Schema ONE_FIELD =
            SchemaBuilder.record("r").fields().requiredInt("a").endRecord();
    private static final Schema TWO_FIELDS =
            SchemaBuilder.record("r").fields().requiredInt("a").requiredInt("b").endRecord();
    private static final URI NOBODY = URI.create("http://127.0.0.1:9");

    private final EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start();

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void shouldRegisterOnceAndFindById() {
        var client = client(registry.url());

        int id = client.register("s", ONE_FIELD);

        assertThat(client.registered("s", ONE_FIELD)).isTrue();
        assertThat(client.registered("s", TWO_FIELDS)).isFalse();
        assertThat(client(registry.url()).register("s", ONE_FIELD)).isEqualTo(id);
        assertThat(client(registry.url()).schemaById(id)).isEqualTo(ONE_FIELD);
    }

    @Test
    void shouldNameTheSubjectOfAnIncompatibleSchema() {
        var client = client(registry.url());
        client.register("s-value", ONE_FIELD);

        assertThatThrownBy(() -> client.register("s-value", TWO_FIELDS))
                .isInstanceOfSatisfying(
                        SchemaRegistryException.class,
                        error -> assertThat(error.status()).isEqualTo(409))
                .hasMessageContaining("/subjects/s-value/versions")
                .hasMessageContaining("incompatible");
    }

    @Test
    void shouldSetAndTellCompatibility() {
        var client = client(registry.url());
        assertThat(client.compatibility("s")).isEmpty();

        client.setCompatibility("s", "BACKWARD_TRANSITIVE");

        assertThat(client.compatibility("s")).contains("BACKWARD_TRANSITIVE");
    }

    @Test
    void shouldGoToTheNextAddressWhereOneDoesNotAnswer() {
        var client = client(NOBODY, registry.url());

        assertThat(client.register("s", Rollout.getClassSchema())).isPositive();
        client.verifyReachable();
    }

    @Test
    void shouldSayWhichAddressesDoNotAnswer() {
        assertThatThrownBy(() -> client(NOBODY).register("s", ONE_FIELD))
                .isInstanceOfSatisfying(
                        SchemaRegistryException.class,
                        error -> assertThat(error.status()).isEqualTo(SchemaRegistryException.UNREACHABLE))
                .hasMessageContaining("http://127.0.0.1:9")
                .hasMessageContaining("set registry.urls");
    }

    @Test
    void shouldSendBasicAuthentication() {
        // "ann:s3cret" in base64
        try (var guarded = EmbeddedSchemaRegistry.start("Basic YW5uOnMzY3JldA==")) {
            var access = new RegistryConfig(List.of(guarded.url()), "ann", "s3cret");
            assertThat(access.toString()).doesNotContain("s3cret");
            assertThat(new SchemaRegistryClient(access).register("s", ONE_FIELD))
                    .isPositive();

            assertThatThrownBy(() -> client(guarded.url()).register("s", ONE_FIELD))
                    .hasMessageContaining("401")
                    .hasMessageContaining("check registry.username");
        }
    }

    private static SchemaRegistryClient client(URI... urls) {
        return new SchemaRegistryClient(new RegistryConfig(List.of(urls), null, null));
    }
}
