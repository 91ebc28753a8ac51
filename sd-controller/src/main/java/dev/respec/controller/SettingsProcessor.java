package dev.respec.controller;

import dev.respec.controller.ControllerMetrics.Alarmed;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import java.time.Duration;
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
 * Feeds one {@link SpeculationController} for each {@link EngineKey}, and publishes its tables. The costs, each entry as it
 * was measured last by any worker of the class, and the table in force are in the stores, so that a restart goes on from
 * them; evidence is gathered again.
 *
 * <p>Records that cannot be true are counted, logged and left out: the next interval brings better ones.
 */
final class SettingsProcessor implements Processor<String, SpecificRecord, String, SpeculationSettings> {
    private static final Logger log = LoggerFactory.getLogger(SettingsProcessor.class);

    /** A run of which nothing was heard for so long needs no decisions. */
    private static final Duration MEMORY = Duration.ofHours(1);

    private final ControllerSection config;
    private final ControllerMetrics metrics;
    private final Map<EngineKey, SpeculationController> controllers = new HashMap<>();
    private final Map<EngineKey, Instant> lastHeard = new HashMap<>();
    private ProcessorContext<String, SpeculationSettings> context;
    private KeyValueStore<String, CostProfile> costs;
    private KeyValueStore<String, SpeculationSettings> inForce;

    @SuppressWarnings("NullAway.Init") // init comes before process
    SettingsProcessor(ControllerSection config, ControllerMetrics metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, SpeculationSettings> context) {
        this.context = context;
        this.costs = context.getStateStore(SdControllerTopology.COSTS);
        this.inForce = context.getStateStore(SdControllerTopology.IN_FORCE);
        context.schedule(config.decideInterval(), PunctuationType.WALL_CLOCK_TIME, time -> decide());
    }

    /** The stores keep every run's; a controller is made when something is heard of its run, and dropped later. */
    private SpeculationController controller(EngineKey key, String deviceClass) {
        lastHeard.put(key, now());
        return controllers.computeIfAbsent(key, absent -> {
            var controller = new SpeculationController(key, deviceClass, config);
            SpeculationSettings settings = inForce.get(key.toString());
            if (settings != null) {
                controller.restore(settings);
            }
            CostProfile profile = costs.get(key.toString());
            if (profile != null) {
                controller.costs(profile);
            }
            return controller;
        });
    }

    private void dropSilent() {
        Instant earliest = now().minus(MEMORY);
        lastHeard.values().removeIf(heard -> heard.isBefore(earliest));
        controllers.keySet().retainAll(lastHeard.keySet());
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
        EngineKey key = EngineKey.of(profile);
        CostProfile before = costs.get(key.toString());
        CostProfile merged = before == null ? profile : CostProfiles.merged(before, profile);
        costs.put(key.toString(), merged);
        controller(key, profile.getDeviceClass()).costs(merged);
        log.atInfo()
                .addKeyValue("key", key)
                .addKeyValue("costs", merged.getCosts().size())
                .log("Cost profile is in use");
        warnOfUnmeasured(key, merged);
    }

    private void observe(AcceptanceStats stats) {
        controller(EngineKey.of(stats), stats.getDeviceClass()).observe(stats, now());
    }

    private static void warnOfUnmeasured(EngineKey key, CostProfile profile) {
        CostTable table = CostTable.of(profile);
        List<Setting> unmeasured = table.settings().stream()
                .filter(setting -> !table.isMeasured(setting))
                .toList();
        if (!unmeasured.isEmpty()) {
            log.atWarn()
                    .addKeyValue("key", key)
                    .addKeyValue("settings", unmeasured)
                    .log("Costs were not measured, they are learned from trials: raise worker.cost-budget to start"
                            + " better");
        }
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
        dropSilent();
        var standing = new HashMap<Alarmed, Long>();
        controllers.forEach((key, controller) -> {
            Optional<SpeculationSettings> changed = controller.decide(now());
            controller.takeAlarms().forEach(alarm -> tell(key, alarm));
            changed.ifPresent(settings -> publish(key.toString(), settings));
            controller.standing().forEach(alarm -> standing.merge(Alarmed.of(alarm), alarm.version(), Math::max));
        });
        metrics.standing(standing);
    }

    private void publish(String key, SpeculationSettings settings) {
        inForce.put(key, settings);
        metrics.published(settings);
        context.forward(new Record<>(key, settings, context.currentSystemTimeMs()));
        log.atInfo()
                .addKeyValue("key", key)
                .addKeyValue("version", settings.getVersion())
                .addKeyValue("table", describe(settings.getTable()))
                .log("Settings change");
    }

    private static String describe(List<BatchSetting> table) {
        return table.stream()
                .map(entry -> "≤%d %s ×%.2f %s%s"
                        .formatted(
                                entry.getMaxActiveBatch(),
                                SettingCodec.of(entry.getSetting()),
                                entry.getPredictedGain(),
                                entry.getReason(),
                                entry.getTrials().isEmpty() ? "" : " against " + rivals(entry)))
                .collect(Collectors.joining(", "));
    }

    private static String rivals(BatchSetting entry) {
        return entry.getTrials().stream()
                .map(trial -> SettingCodec.of(trial.getRival()).toString())
                .collect(Collectors.joining(" "));
    }

    private void tell(EngineKey key, HealthAlarm alarm) {
        var line = log.atWarn()
                .addKeyValue("key", key)
                .addKeyValue("drafter", alarm.drafter())
                .addKeyValue("drafterVersion", alarm.version())
                .addKeyValue("acceptanceLength", alarm.acceptanceLength())
                .addKeyValue("acceptanceLengthBefore", alarm.before());
        if (alarm.kind() == HealthAlarm.Kind.COLLAPSE) {
            metrics.collapsed(alarm.drafter());
            line.addKeyValue("restsUntil", Instant.ofEpochMilli(alarm.restsUntil()))
                    .log("Acceptance has collapsed, the drafter rests: check that its weights are the ones meant");
        } else {
            metrics.declined(alarm.drafter());
            line.log("Acceptance has declined: the drafter does not follow the policy, check that the learner trains");
        }
    }
}
