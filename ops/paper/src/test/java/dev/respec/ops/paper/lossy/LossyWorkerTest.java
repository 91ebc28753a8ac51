package dev.respec.ops.paper.lossy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossyWorkerTest {
    @TempDir
    Path folder;

    @Test
    void shouldReadWhatTheProductsWorkerIsGiven() throws IOException {
        Path file = Files.writeString(
                folder.resolve("config.yaml"),
                RespecConfig.defaults()
                        .withOverrides(List.of("run.id=lossy-1", "worker.id=before"))
                        .toYaml());

        RespecConfig config = LossyWorker.configuration(
                "worker", "--config", file.toString(), "--set", "worker.id=worker-1", "--set", "http.port=9999");

        assertThat(config.run().id()).isEqualTo("lossy-1");
        assertThat(config.worker().id()).isEqualTo("worker-1");
        assertThat(config.http().port()).isEqualTo(9999);
    }

    @Test
    void shouldRefuseAnOptionThatAWorkerDoesNotHave() {
        assertThatThrownBy(() -> LossyWorker.configuration("worker", "--leniency", "3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--leniency");
    }
}
