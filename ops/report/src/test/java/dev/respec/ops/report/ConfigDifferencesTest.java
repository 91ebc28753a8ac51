package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.report.ConfigDifferences.Difference;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigDifferencesTest {
    @Test
    void shouldNameOnlyWhatIsNotTheDefaultAndNeverASecret() {
        assertThat(of()).isEmpty();
        assertThat(of(
                        "worker.slots=8",
                        "trainer.loss.kl=0.1",
                        "kafka.properties.sasl.password=b",
                        "kafka.properties.a.b=c"))
                .isEqualTo(Map.of(
                        "worker.slots", new Difference("8", "32"),
                        "trainer.loss.kl", new Difference("0.1", "0.0"),
                        "kafka.properties.sasl.password", new Difference("***", ""),
                        "kafka.properties.a.b", new Difference("c", "")));
    }

    @Test
    void shouldLeaveOutWhatLocalModeChooses() {
        assertThat(of(
                        "run.id=run-1",
                        "run.data-dir=elsewhere",
                        "kafka.bootstrap-servers=localhost:1",
                        "registry.urls=[http://localhost:2]",
                        "model.policy=/opt/respec/models/policy"))
                .isEmpty();
        assertThat(of("model.policy=/data/my-policy")).containsOnlyKeys("model.policy");
    }

    private static Map<String, Difference> of(String... settings) {
        return ConfigDifferences.of(RespecConfig.defaults().withOverrides(List.of(settings)));
    }
}
