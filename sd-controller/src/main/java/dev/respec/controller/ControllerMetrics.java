package dev.respec.controller;

import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.stage.LastValue;
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
    private final Counter trials;
    private final MeterRegistry registry;
    private final Map<Alarmed, LastValue> alarms = new ConcurrentHashMap<>();
    private final Map<Tags, Double> gains = new ConcurrentHashMap<>();

    /** Registers them. */
    public ControllerMetrics(MeterRegistry registry) {
        this.registry = registry;
        tables = Counter.builder("respec.controller.tables")
                .description("Setting tables published")
                .register(registry);
        trials = Counter.builder("respec.controller.trials")
                .description("Comparisons of a rival with the setting in force that published tables named")
                .register(registry);
        refused = Counter.builder("respec.controller.refused")
                .description("Statistics and cost profiles that cannot be true")
                .register(registry);
    }

    /** What an alarm that stands is about. */
    public record Alarmed(String drafter, String alarm) {
        static Alarmed of(HealthAlarm alarm) {
            return new Alarmed(alarm.drafter(), alarm.kind().text());
        }
    }

    /** A drafter is taken for broken. */
    public void collapsed(String drafter) {
        Counter.builder("respec.controller.collapses")
                .description("Times a drafter was taken for broken and rested")
                .tag("drafter", drafter)
                .register(registry)
                .increment();
    }

    /** A drafter's acceptance fell far below its best. */
    public void declined(String drafter) {
        Counter.builder("respec.controller.declines")
                .description("Times a drafter's acceptance fell far below the best of the run")
                .tag("drafter", drafter)
                .register(registry)
                .increment();
    }

    /** Replaces the alarms that stood. */
    public void standing(Map<Alarmed, Long> versions) {
        versions.keySet().forEach(alarmed -> alarms.computeIfAbsent(alarmed, this::alarmedVersion));
        alarms.forEach((alarmed, version) -> {
            Long standing = versions.get(alarmed);
            version.set(standing == null ? Double.NaN : standing);
        });
    }

    private LastValue alarmedVersion(Alarmed alarmed) {
        return LastValue.gauge(
                registry,
                "respec.controller.drafter.alarmed.version",
                "Version of the drafter that an alarm stands for; NaN if none does",
                Tags.of("drafter", alarmed.drafter(), "alarm", alarmed.alarm()));
    }

    /** A table is in force from now on. */
    public void published(SpeculationSettings settings) {
        tables.increment();
        settings.getTable().forEach(entry -> trials.increment(entry.getTrials().size()));
        for (BatchSetting entry : settings.getTable()) {
            Tags tags = Tags.of(
                    "model", settings.getModelId(),
                    "engine", EngineKey.of(settings).engineClass(),
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
