package dev.respec.worker;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.StageContext;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.worker.engine.GenerationEngine;
import dev.respec.worker.engine.SettingTable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Acceptance statistics and status of a worker, each at its interval. Owned by the engine's thread. */
final class WorkerReports {
    private final Identity identity;
    private final GenerationEngine engine;
    private final EventProducer producer;
    private final Clock clock;
    private final Duration statisticsInterval;
    private final Duration statusInterval;
    private final WorkerMeters meters;
    private Instant statisticsSince;
    private Instant statusSince;
    private long tokensAtStatus;

    /** Who reports. */
    record Identity(String runId, String workerId, String modelId, EngineClass engineClass) {
        /** What its costs, statistics and settings belong to. */
        EngineKey key() {
            return new EngineKey(runId, modelId, engineClass.text());
        }
    }

    WorkerReports(
            Identity identity, GenerationEngine engine, EventProducer producer, StageContext context, Clock clock) {
        this.identity = identity;
        this.engine = engine;
        this.producer = producer;
        this.clock = clock;
        this.statisticsInterval = context.config().worker().statisticsInterval();
        this.statusInterval = context.config().worker().statusInterval();
        this.meters = new WorkerMeters(context.metrics());
        this.statisticsSince = clock.instant();
        this.statusSince = statisticsSince;
    }

    /** Sends what is due. */
    void tick(long drafterVersion) {
        Instant now = clock.instant();
        if (Duration.between(statisticsSince, now).compareTo(statisticsInterval) >= 0) {
            sendStatistics(now, drafterVersion);
        }
        if (Duration.between(statusSince, now).compareTo(statusInterval) >= 0) {
            sendStatus(WorkerState.READY, drafterVersion);
        }
    }

    void sendStatistics(Instant now, long drafterVersion) {
        List<SettingStatistics> settings = new ArrayList<>();
        engine.statistics().drain().forEach(counts -> settings.add(MeasuredSettings.statistics(counts)));
        settings.forEach(meters::add);
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
                    .build();
            producer.send(TopicCatalogue.ACCEPTANCE_STATS, identity.workerId(), stats);
        }
        statisticsSince = now;
    }

    void sendStatus(WorkerState state, long drafterVersion) {
        Instant now = clock.instant();
        double seconds = Math.max(1e-3, Duration.between(statusSince, now).toNanos() / 1e9);
        SettingTable table = engine.settings();
        WorkerStatus status = WorkerStatus.newBuilder()
                .setRunId(identity.runId())
                .setWorkerId(identity.workerId())
                .setState(state)
                .setPolicyVersion(engine.policyVersion())
                .setDrafterVersion(drafterVersion)
                .setActiveSequences(engine.activeSequences())
                .setWaitingSequences(engine.waitingSequences())
                .setSetting(SettingCodec.toAvro(engine.lastSetting()))
                .setSettingsVersion(table.version())
                .setTokensPerSecond((engine.emittedTokens() - tokensAtStatus) / seconds)
                .setEmittedTokens(engine.emittedTokens())
                .setHeartbeatAt(now)
                .build();
        meters.update(status);
        producer.send(TopicCatalogue.WORKER_STATUS, identity.workerId(), status);
        statusSince = now;
        tokensAtStatus = engine.emittedTokens();
    }
}
