package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.ControllerSection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The controller's decision on settings that took turns with plain decoding in this process: mean step times become its cost
 * table, counts its evidence of acceptance and turns its pairs, so that the same estimates decide as in a run.
 */
public final class MeasuredDecision {
    private static final EngineKey KEY = new EngineKey("measured", "measured", "measured");

    private MeasuredDecision() {}

    /**
     * Steps of one setting at one batch.
     *
     * @param acceptedByPosition entry k: sequences whose first k + 1 draft tokens were accepted
     * @param draftedByPosition entry k: sequences for which at least k + 1 tokens were drafted
     * @param contextTokens in the caches, summed over the sequence steps
     * @param turnTokensPerSecond of each turn; the settings of a batch took turns in the same order
     */
    public record Measurement(
            int activeBatch,
            Setting setting,
            long verifySteps,
            long sequenceSteps,
            List<Long> acceptedByPosition,
            List<Long> draftedByPosition,
            long contextTokens,
            double milliseconds,
            List<Double> turnTokensPerSecond) {
        public Measurement {
            acceptedByPosition = List.copyOf(acceptedByPosition);
            draftedByPosition = List.copyOf(draftedByPosition);
            turnTokensPerSecond = List.copyOf(turnTokensPerSecond);
            if (verifySteps < 1 || sequenceSteps < 1 || !(milliseconds > 0)) {
                throw new IllegalArgumentException(
                        "%s at batch %d: %d steps of %d sequences in %s ms, expected more than 0: measure longer turns"
                                .formatted(setting, activeBatch, verifySteps, sequenceSteps, milliseconds));
            }
        }

        long emitted() {
            return sequenceSteps
                    + acceptedByPosition.stream().mapToLong(Long::longValue).sum();
        }

        SettingCost cost() {
            return new SettingCost(
                    activeBatch, SettingCodec.toAvro(setting), milliseconds / verifySteps, 0.0, 0.0, (int)
                            (contextTokens / sequenceSteps));
        }

        SettingStatistics statistics() {
            return new SettingStatistics(
                    activeBatch,
                    SettingCodec.toAvro(setting),
                    verifySteps,
                    sequenceSteps,
                    draftedByPosition.stream().mapToLong(Long::longValue).sum(),
                    acceptedByPosition,
                    draftedByPosition,
                    emitted(),
                    0.0,
                    milliseconds,
                    0.0,
                    contextTokens);
        }

        PairedTurns against(Measurement plain) {
            // of a turn, tokens per second are known; of tokens per step, the mean over all turns
            double tokensPerStep =
                    Math.log(((double) emitted() / verifySteps) / ((double) plain.emitted() / plain.verifySteps));
            double[] time = new double[2];
            double[] speed = new double[2];
            int pairs = turnTokensPerSecond.size();
            for (int turn = 0; turn < pairs; turn++) {
                double ratio = Math.log(turnTokensPerSecond.get(turn) / plain.turnTokensPerSecond.get(turn));
                speed[0] += ratio;
                speed[1] += ratio * ratio;
                time[0] += tokensPerStep - ratio;
                time[1] += (tokensPerStep - ratio) * (tokensPerStep - ratio);
            }
            return new PairedTurns(
                    activeBatch,
                    SettingCodec.toAvro(plain.setting),
                    SettingCodec.toAvro(setting),
                    (long) pairs,
                    plain.verifySteps,
                    plain.sequenceSteps,
                    plain.emitted(),
                    plain.milliseconds,
                    verifySteps,
                    sequenceSteps,
                    emitted(),
                    milliseconds,
                    time[0],
                    time[1],
                    speed[0],
                    speed[1],
                    0.0,
                    0L,
                    plain.contextTokens + contextTokens);
        }
    }

    /**
     * The table for the batches that were measured.
     *
     * @param measured plain decoding among the settings of each batch, all of a batch with as many turns
     */
    public static SettingTable table(ControllerSection section, List<Measurement> measured) {
        NavigableMap<Integer, Measurement> plain = new TreeMap<>();
        measured.stream().filter(each -> each.setting().isOff()).forEach(each -> plain.put(each.activeBatch(), each));
        List<PairedTurns> pairs = new ArrayList<>();
        for (Measurement each : measured) {
            Measurement beside = plain.get(each.activeBatch());
            if (beside == null
                    || beside.turnTokensPerSecond().size()
                            != each.turnTokensPerSecond().size()) {
                throw new IllegalArgumentException(
                        "%s at batch %d was not measured in turns with plain decoding: measure both in as many turns"
                                .formatted(each.setting(), each.activeBatch()));
            }
            if (!each.setting().isOff()) {
                pairs.add(each.against(beside));
            }
        }
        DecisionConfig config = SdControllerStage.decisionConfig(section);
        Instant end = Instant.EPOCH.plus(Duration.ofHours(1));
        var controller = new SpeculationController(KEY, KEY.engineClass(), config);
        controller.costs(profile(measured, end));
        controller.observe(statistics(measured, pairs, end), end);
        return SettingCodec.table(controller.decide(end).orElseThrow(), "").withoutTrials();
    }

    private static CostProfile profile(List<Measurement> measured, Instant at) {
        return new CostProfile(
                KEY.modelId(),
                KEY.engineClass(),
                KEY.engineClass(),
                at,
                measured.stream().map(Measurement::cost).toList(),
                KEY.runId(),
                List.of(),
                List.of());
    }

    private static AcceptanceStats statistics(List<Measurement> measured, List<PairedTurns> pairs, Instant end) {
        return new AcceptanceStats(
                KEY.runId(),
                KEY.runId(),
                KEY.modelId(),
                KEY.engineClass(),
                end.minusSeconds(1),
                end,
                0L,
                0L,
                measured.stream().map(Measurement::statistics).toList(),
                KEY.engineClass(),
                pairs,
                0L);
    }
}
