package dev.respec.ops.offline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.controller.ControllerReplay;
import dev.respec.controller.ControllerReplay.Replay;
import dev.respec.controller.HindsightJudgement;
import dev.respec.controller.HindsightJudgement.Judgement;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ControllerSection;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A controller on recorded statistics: what it would have decided, and how good that would have been. */
public final class ControllerTrial {
    private final OpenRun run;
    private final ControllerSection controller;

    /** @param controller settings to judge */
    public ControllerTrial(OpenRun run, ControllerSection controller) {
        this.run = run;
        this.controller = controller;
    }

    /** The verdict on one model and engine class. */
    public record Verdict(String modelId, String engineClass, int intervals, Replay replay, Judgement judgement) {}

    /** Runs it and writes {@code tables.jsonl}. */
    public List<Verdict> run(OutputFolder output) {
        Map<String, List<AcceptanceStats>> byClass = run.events().readAll(TopicCatalogue.ACCEPTANCE_STATS).stream()
                .map(Event::requireValue)
                .filter(stats -> stats.getRunId().equals(run.runId()))
                .collect(Collectors.groupingBy(
                        stats -> EngineKey.of(stats).toString(), TreeMap::new, Collectors.toList()));
        if (byClass.isEmpty()) {
            throw new BadInputException(
                    "offline controller: run %s has no acceptance statistics".formatted(run.runId()));
        }
        List<CostProfile> profiles = run.events().readAll(TopicCatalogue.COST_PROFILES).stream()
                .map(Event::requireValue)
                .toList();
        List<Verdict> verdicts = new ArrayList<>();
        byClass.values().forEach(stats -> verdicts.add(judge(stats, profiles)));
        verdicts.forEach(verdict -> verdict.replay().tables().forEach(table -> output.line(json(table))));
        output.writeLines("tables.jsonl");
        return verdicts;
    }

    private Verdict judge(List<AcceptanceStats> stats, List<CostProfile> profiles) {
        AcceptanceStats first = stats.get(0);
        List<CostProfile> own = profiles.stream()
                .filter(profile -> EngineKey.of(profile).equals(EngineKey.of(first)))
                .toList();
        Replay replay = new ControllerReplay(controller).run(own, stats);
        return new Verdict(
                first.getModelId(),
                EngineKey.of(first).engineClass(),
                stats.size(),
                replay,
                HindsightJudgement.judge(replay, stats));
    }

    private static ObjectNode json(SpeculationSettings table) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("model_id", table.getModelId());
        node.put("device_class", table.getDeviceClass());
        node.put("engine_class", table.getEngineClass());
        node.put("version", table.getVersion());
        node.put("decided_at", table.getDecidedAt().toString());
        var entries = node.putArray("table");
        for (BatchSetting entry : table.getTable()) {
            entries.addObject()
                    .put("max_active_batch", entry.getMaxActiveBatch())
                    .put("drafter", entry.getSetting().getDrafter())
                    .put("draft_length", entry.getSetting().getDraftLength())
                    .put("branching", entry.getSetting().getBranching())
                    .put("verified_tokens", entry.getSetting().getVerifiedTokens())
                    .put("predicted_gain", entry.getPredictedGain())
                    .put("predicted_acceptance_length", entry.getPredictedAcceptanceLength())
                    .put("reason", entry.getReason());
        }
        return node;
    }
}
