package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.registry.RegistryConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientSettingsTest {
    @Test
    void shouldCompressAsEveryClientLibraryReads() {
        var settings = settings(Map.of());

        assertThat(settings.producer()).containsEntry("compression.type", "gzip");
        assertThat(settings.transactionalProducer("t")).containsEntry("compression.type", "gzip");
        assertThat(settings.streams("s")).containsEntry("producer.compression.type", "gzip");
    }

    @Test
    void shouldLetTheInstallationChooseAnotherCodec() {
        var settings = settings(Map.of("compression.type", "zstd", "producer.compression.type", "zstd"));

        assertThat(settings.producer()).containsEntry("compression.type", "zstd");
        assertThat(settings.streams("s")).containsEntry("producer.compression.type", "zstd");
    }

    @Test
    void shouldSendAtOnceWhatSomebodyWaitsForUnlessTheInstallationSaysOtherwise() {
        assertThat(settings(Map.of()).promptProducer()).containsEntry("linger.ms", 0);
        assertThat(settings(Map.of("producer.linger.ms", "20")).promptProducer())
                .containsEntry("linger.ms", "20");
    }

    @Test
    void shouldWaitForABatchWhereNobodyWaitsForOneEvent() {
        assertThat(settings(Map.of()).consumer()).doesNotContainKey("fetch.min.bytes");
        assertThat(settings(Map.of()).batchingConsumer())
                .containsEntry("fetch.min.bytes", 256 << 10)
                .containsEntry("fetch.max.wait.ms", 500);
        assertThat(settings(Map.of("consumer.fetch.min.bytes", "1")).batchingConsumer())
                .containsEntry("fetch.min.bytes", "1");
    }

    private static ClientSettings settings(Map<String, String> properties) {
        return new ClientSettings(
                new ClusterConfig("localhost:9092", "", properties, RegistryConfig.of("http://localhost:8081")),
                "test");
    }
}
