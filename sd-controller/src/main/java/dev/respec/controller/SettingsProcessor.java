package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SpeculationSettings;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds one {@link SpeculationController} a model and device class, and publishes its tables. The newest costs and the
 * table in force are in the stores, so that a restart goes on from them; evidence lives seconds and is gathered anew.
 *
 * <p>Records that cannot be true are counted, logged and left out: the next interval brings better ones.
 */
final class SettingsProcessor implements Processor<String, SpecificRecord, String, SpeculationSettings> {
    private static final Logger log = LoggerFactory.getLogger(SettingsProcessor.class);

    private final DecisionConfig config;
    private final ControllerMetrics metrics;
    private final Map<String, SpeculationController> controllers = new HashMap<>();
    private ProcessorContext<String, SpeculationSettings> context;
    private KeyValueStore<String, CostProfile> costs;
    private KeyValueStore<String, SpeculationSettings> inForce;

    @SuppressWarnings("NullAway.Init") // init comes before process
    SettingsProcessor(DecisionConfig config, ControllerMetrics metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, SpeculationSettings> context) {
        this.context = context;
        this.costs = context.getStateStore(SdControllerTopology.COSTS);
        this.inForce = context.getStateStore(SdControllerTopology.IN_FORCE);
        try (var profiles = costs.all()) {
            profiles.forEachRemaining(
                    entry -> controller(entry.key, entry.value.getModelId(), entry.value.getDeviceClass())
                            .costs(entry.value));
        }
        context.schedule(config.decideInterval(), PunctuationType.WALL_CLOCK_TIME, time -> decide());
    }

    static String key(String modelId, String deviceClass) {
        return modelId + "/" + deviceClass;
    }

    private SpeculationController controller(String key, String modelId, String deviceClass) {
        return controllers.computeIfAbsent(key, absent -> {
            var controller = new SpeculationController(modelId, deviceClass, config);
            SpeculationSettings settings = inForce.get(key);
            if (settings != null) {
                controller.restore(settings);
            }
            return controller;
        });
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
        if (record.value() instanceof CostProfile profile) {
            CostTable.refusal(profile).ifPresentOrElse(this::refuse, () -> adopt(profile));
        } else if (record.value() instanceof AcceptanceStats stats) {
            StatisticsCheck.refusal(stats).ifPresentOrElse(this::refuse, () -> observe(stats));
        }
    }

    private void adopt(CostProfile profile) {
        String key = key(profile.getModelId(), profile.getDeviceClass());
        CostProfile newest = costs.get(key);
        if (newest != null && newest.getMeasuredAt().isAfter(profile.getMeasuredAt())) {
            return;
        }
        costs.put(key, profile);
        controller(key, profile.getModelId(), profile.getDeviceClass()).costs(profile);
        log.atInfo()
                .addKeyValue("modelId", profile.getModelId())
                .addKeyValue("deviceClass", profile.getDeviceClass())
                .addKeyValue("costs", profile.getCosts().size())
                .log("Cost profile is in use");
    }

    private void observe(AcceptanceStats stats) {
        String key = key(stats.getModelId(), stats.getDeviceClass());
        controller(key, stats.getModelId(), stats.getDeviceClass()).observe(stats, now());
    }

    private void refuse(String reason) {
        metrics.refused.increment();
        var origin = context.recordMetadata().orElseThrow();
        log.atWarn()
                .addKeyValue("topicName", origin.topic())
                .addKeyValue("partition", origin.partition())
                .addKeyValue("offset", origin.offset())
                .addKeyValue("reason", reason)
                .log("Record is left out of the decisions");
    }

    private void decide() {
        controllers.forEach((key, controller) -> {
            Optional<SpeculationSettings> changed = controller.decide(now());
            controller.takeAlarms().forEach(alarm -> tell(key, alarm));
            changed.ifPresent(settings -> publish(key, settings));
        });
    }

    private void publish(String key, SpeculationSettings settings) {
        inForce.put(key, settings);
        metrics.published(settings);
        context.forward(new Record<>(key, settings, context.currentSystemTimeMs()));
        log.atInfo()
                .addKeyValue("modelId", settings.getModelId())
                .addKeyValue("deviceClass", settings.getDeviceClass())
                .addKeyValue("version", settings.getVersion())
                .addKeyValue("table", describe(settings.getTable()))
                .log("Settings change");
    }

    private static String describe(List<BatchSetting> table) {
        return table.stream()
                .map(entry -> "≤%d %s ×%.2f %s"
                        .formatted(
                                entry.getMaxActiveBatch(),
                                Setting.of(entry.getSetting()),
                                entry.getPredictedGain(),
                                entry.getReason()))
                .collect(Collectors.joining(", "));
    }

    private void tell(String key, CollapseAlarm alarm) {
        metrics.collapsed(alarm.drafter());
        log.atWarn()
                .addKeyValue("model", key)
                .addKeyValue("drafter", alarm.drafter())
                .addKeyValue("acceptanceLength", alarm.acceptanceLength())
                .addKeyValue("restsUntil", Instant.ofEpochMilli(alarm.restsUntil()))
                .log("Acceptance has collapsed, the drafter rests: check that its weights are the ones meant");
    }
}
