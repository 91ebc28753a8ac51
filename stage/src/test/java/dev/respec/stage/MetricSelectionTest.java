package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.config.HttpSection;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricSelectionTest {
    @Test
    void shouldServeOursTheMachinesAndTheSelectedOnesOfKafka() {
        assertThat(served(HttpSection.Metrics.SELECTED))
                .contains("respec_a", "jvm_b", "kafka_consumer_fetch_manager_records_lag")
                .doesNotContain("kafka_consumer_fetch_manager_fetch_rate");
    }

    @Test
    void shouldServeEverythingWhereAskedFor() {
        assertThat(served(HttpSection.Metrics.ALL))
                .contains("respec_a", "jvm_b", "kafka_consumer_fetch_manager_records_lag")
                .contains("kafka_consumer_fetch_manager_fetch_rate");
    }

    @Test
    void shouldDeclareButNotServeWhatHasNoValue() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Gauge.builder("respec.nothing", () -> Double.NaN).register(registry);
        Gauge.builder("respec.mixed", () -> Double.NaN).tag("of", "NaN").register(registry);
        Gauge.builder("respec.mixed", () -> 0.5).tag("of", "a NaN").register(registry);
        Counter.builder("respec.counted").register(registry).increment();

        assertThat(MetricSelection.withoutNaN(registry.scrape()).lines())
                .contains("# TYPE respec_nothing gauge", "respec_mixed{of=\"a NaN\"} 0.5", "respec_counted_total 1.0")
                .noneMatch(line -> line.startsWith("respec_nothing") || line.contains("{of=\"NaN\"}"));
    }

    private static List<String> served(HttpSection.Metrics metrics) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().meterFilter(new MetricSelection(metrics));
        for (String name : List.of(
                "respec.a",
                "jvm.b",
                "kafka.consumer.fetch.manager.records.lag",
                "kafka.consumer.fetch.manager.fetch.rate")) {
            Gauge.builder(name, () -> 1).register(registry);
        }
        return registry.scrape()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }
}
