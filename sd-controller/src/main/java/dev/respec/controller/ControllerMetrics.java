package dev.respec.controller;

import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SpeculationSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the controller has decided since it started. */
public final class ControllerMetrics {
    final Counter tables;
    final Counter refused;
    private final MeterRegistry registry;
    private final Map<Tags, Double> gains = new ConcurrentHashMap<>();

    /** Registers them. */
    public ControllerMetrics(MeterRegistry registry) {
        this.registry = registry;
        tables = Counter.builder("respec.controller.tables")
                .description("Setting tables published")
                .register(registry);
        refused = Counter.builder("respec.controller.refused")
                .description("Statistics and cost profiles that cannot be true")
                .register(registry);
    }

    /** A drafter is taken for broken. */
    public void collapsed(String drafter) {
        Counter.builder("respec.controller.collapses")
                .description("Times a drafter was taken for broken and rested")
                .tag("drafter", drafter)
                .register(registry)
                .increment();
    }

    /** A table is in force from now on. */
    public void published(SpeculationSettings settings) {
        tables.increment();
        for (BatchSetting entry : settings.getTable()) {
            Tags tags = Tags.of(
                    "model", settings.getModelId(),
                    "device", settings.getDeviceClass(),
                    "batch", Integer.toString(entry.getMaxActiveBatch()));
            if (gains.put(tags, entry.getPredictedGain()) == null) {
                Gauge.builder("respec.controller.predicted.gain", () -> gains.getOrDefault(tags, 1.0))
                        .description("Predicted tokens per second over plain decoding's, of the setting in force")
                        .tags(tags)
                        .register(registry);
            }
        }
    }
}
