package dev.respec.worker;

import dev.respec.generation.CostMeasurement;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.WorkerSection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cost profile that a worker publishes when it starts, and a warning if the budget did not suffice for all of it. */
final class MeasuredCosts {
    private static final Logger log = LoggerFactory.getLogger(MeasuredCosts.class);

    private final GenerationEngine engine;
    private final WorkerSection worker;
    private final List<Setting> candidates;

    MeasuredCosts(GenerationEngine engine, WorkerSection worker, List<Setting> candidates) {
        this.engine = engine;
        this.worker = worker;
        this.candidates = candidates;
    }

    CostProfile profile(WorkerReports.Identity identity) {
        List<Integer> batches = worker.costBatches().stream()
                .filter(batch -> batch <= engine.slotLimit())
                .toList();
        List<Integer> decided = batches.isEmpty() ? List.of(engine.slotLimit()) : batches;
        List<CostMeasurement.Cost> costs = new CostMeasurement(engine, worker.costBudget()).run(decided, candidates);
        warnOfMissing(decided, costs);
        List<Setting> settings = new ArrayList<>(List.of(Setting.OFF));
        settings.addAll(candidates);
        return CostProfile.newBuilder()
                .setRunId(identity.runId())
                .setModelId(identity.modelId())
                .setDeviceClass(identity.engineClass().device())
                .setEngineClass(identity.engineClass().text())
                .setMeasuredAt(Instant.now())
                .setCosts(costs.stream().map(MeasuredCosts::event).toList())
                .setCandidates(settings.stream().map(SettingCodec::toAvro).toList())
                .setBatches(decided)
                .build();
    }

    private void warnOfMissing(List<Integer> batches, List<CostMeasurement.Cost> costs) {
        int expected = batches.size() * (candidates.size() + 1);
        long measured = costs.stream()
                .map(cost -> List.of(cost.activeBatch(), cost.setting()))
                .distinct()
                .count();
        if (measured < expected) {
            log.atWarn()
                    .addKeyValue("measured", measured)
                    .addKeyValue("expected", expected)
                    .addKeyValue("budget", worker.costBudget())
                    .log(
                            "worker.cost-budget ended before every cost was measured: the rest is learned while generating,"
                                    + " so the first minute may be slower");
        }
    }

    private static SettingCost event(CostMeasurement.Cost cost) {
        return SettingCost.newBuilder()
                .setActiveBatch(cost.activeBatch())
                .setSetting(SettingCodec.toAvro(cost.setting()))
                .setVerifyMilliseconds(cost.verify())
                .setDraftMilliseconds(cost.draft())
                .setOtherMilliseconds(cost.other())
                .setContextTokens(cost.contextTokens())
                .build();
    }
}
