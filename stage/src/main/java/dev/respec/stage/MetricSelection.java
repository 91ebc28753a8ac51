package dev.respec.stage;

import dev.respec.stage.config.HttpSection;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Set;
import java.util.stream.Collectors;

/** Which metrics a stage serves: Kafka's clients bring several hundred, of which few are watched. */
final class MetricSelection implements MeterFilter {
    /** Served under either setting: how far readers are behind, what is written, what fails. */
    static final Set<String> KAFKA_SELECTION = Set.of(
            "kafka.consumer.fetch.manager.records.lag",
            "kafka.consumer.coordinator.rebalance.total",
            "kafka.consumer.coordinator.failed.rebalance.total",
            "kafka.producer.outgoing.byte.rate",
            "kafka.producer.record.error.total");

    private static final String KAFKA = "kafka.";

    private final HttpSection.Metrics metrics;

    MetricSelection(HttpSection.Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        boolean served = metrics == HttpSection.Metrics.ALL
                || !id.getName().startsWith(KAFKA)
                || KAFKA_SELECTION.contains(id.getName());
        return served ? MeterFilterReply.NEUTRAL : MeterFilterReply.DENY;
    }

    /**
     * Leaves out samples without a value. Their families stay declared, so that a reader of the page sees every name.
     *
     * @param exposition Prometheus' text format
     */
    static String withoutNaN(String exposition) {
        return exposition
                .lines()
                .filter(line -> line.startsWith("#") || !line.endsWith(" NaN"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
