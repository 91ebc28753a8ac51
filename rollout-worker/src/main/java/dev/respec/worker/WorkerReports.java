package dev.respec.worker;

import dev.respec.generation.EngineClass;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.events.MeasuredSettings;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingStatistics;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Acceptance statistics of a worker, at their interval. Owned by the engine's thread. */
final class WorkerReports {
    private final Identity identity;
    private final GenerationEngine engine;
    private final EventProducer producer;
    private final Clock clock;
    private final Duration statisticsInterval;
    private final WorkerMeters meters;
    private final IdleTime idleTime;
    private Instant statisticsSince;

    /** Who reports. */
    record Identity(String runId, String workerId, String modelId, EngineClass engineClass) {
        /** What its costs, statistics and settings belong to. */
        EngineKey key() {
            return new EngineKey(runId, modelId, engineClass.text());
        }
    }

    WorkerReports(
            Identity identity,
            GenerationEngine engine,
            EventProducer producer,
            WorkerMeters meters,
            IdleTime idleTime,
            Duration statisticsInterval,
            Clock clock) {
        this.identity = identity;
        this.engine = engine;
        this.producer = producer;
        this.clock = clock;
        this.statisticsInterval = statisticsInterval;
        this.meters = meters;
        this.idleTime = idleTime;
        this.statisticsSince = clock.instant();
    }

    /** Sends what is due. */
    void tick(long drafterVersion) {
        Instant now = clock.instant();
        if (Duration.between(statisticsSince, now).compareTo(statisticsInterval) >= 0) {
            sendStatistics(now, drafterVersion);
        }
    }

    void sendStatistics(Instant now, long drafterVersion) {
        List<SettingStatistics> settings = new ArrayList<>();
        engine.statistics().drain().forEach(counts -> settings.add(MeasuredSettings.statistics(counts)));
        settings.forEach(meters::add);
        meters.update(engine.cacheUse());
        List<PairedTurns> pairs = engine.pairedTurns().drain().stream()
                .map(MeasuredSettings::pairs)
                .toList();
        if (!settings.isEmpty()) {
            AcceptanceStats stats = AcceptanceStats.newBuilder()
                    .setRunId(identity.runId())
                    .setWorkerId(identity.workerId())
                    .setModelId(identity.modelId())
                    .setDeviceClass(identity.engineClass().device())
                    .setEngineClass(identity.engineClass().text())
                    .setIntervalStart(statisticsSince)
                    .setIntervalEnd(now)
                    .setPolicyVersion(engine.policyVersion())
                    .setDrafterVersion(drafterVersion)
                    .setSettings(settings)
                    .setPairs(pairs)
                    .setIdleWithRequestsWaitingMilliseconds(idleTime.drain().toMillis())
                    .build();
            producer.send(TopicCatalogue.ACCEPTANCE_STATS, identity.workerId(), stats);
        }
        statisticsSince = now;
    }
}
