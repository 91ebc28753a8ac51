package dev.respec.generation.events;

import dev.respec.generation.engine.StepStatistics;
import dev.respec.generation.engine.TurnPairs;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrustedEvents;
import dev.respec.speculation.SettingTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What was counted in this process, as the events by which a controller decides. */
public final class MeasuredSettings {
    private static final String HERE = "this-process";

    static {
        TrustedEvents.trust(); // builders fill in records by default
    }

    private MeasuredSettings() {}

    public static SettingStatistics statistics(StepStatistics.Counts counts) {
        return SettingStatistics.newBuilder()
                .setActiveBatch(counts.activeBatch())
                .setSetting(SettingCodec.toAvro(counts.setting()))
                .setVerifySteps(counts.verifySteps())
                .setSequenceSteps(counts.sequenceSteps())
                .setDraftedTokens(Arrays.stream(counts.draftedByPosition()).sum())
                .setAcceptedByPosition(boxed(counts.acceptedByPosition()))
                .setDraftedByPosition(boxed(counts.draftedByPosition()))
                .setEmittedTokens(counts.emittedTokens())
                .setDraftMilliseconds(counts.draftMilliseconds())
                .setVerifyMilliseconds(counts.verifyMilliseconds())
                .setOtherMilliseconds(counts.otherMilliseconds())
                .setContextTokens(counts.contextTokens())
                .build();
    }

    public static PairedTurns pairs(TurnPairs pairs) {
        return PairedTurns.newBuilder()
                .setActiveBatch(pairs.activeBatch())
                .setSetting(SettingCodec.toAvro(pairs.setting()))
                .setRival(SettingCodec.toAvro(pairs.rival()))
                .setPairs(pairs.pairs())
                .setSettingSteps(pairs.ofSetting().steps())
                .setSettingSequenceSteps(pairs.ofSetting().sequenceSteps())
                .setSettingTokens(pairs.ofSetting().tokens())
                .setSettingMilliseconds(pairs.ofSetting().milliseconds())
                .setRivalSteps(pairs.ofRival().steps())
                .setRivalSequenceSteps(pairs.ofRival().sequenceSteps())
                .setRivalTokens(pairs.ofRival().tokens())
                .setRivalMilliseconds(pairs.ofRival().milliseconds())
                .setLogTimeRatios(pairs.logTimeRatios())
                .setSquaredLogTimeRatios(pairs.squaredLogTimeRatios())
                .setLogSpeedRatios(pairs.logSpeedRatios())
                .setSquaredLogSpeedRatios(pairs.squaredLogSpeedRatios())
                .setSwitchMilliseconds(pairs.switchMilliseconds())
                .setSwitches(pairs.switches())
                .setContextTokens(pairs.contextTokens())
                .build();
    }

    private static List<Long> boxed(long[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    /** Mean milliseconds of a step, by batch and setting. */
    public static CostProfile costs(List<StepStatistics.Counts> counts, Instant at) {
        List<SettingCost> costs = new ArrayList<>();
        for (StepStatistics.Counts each : counts) {
            double steps = each.verifySteps();
            costs.add(SettingCost.newBuilder()
                    .setActiveBatch(each.activeBatch())
                    .setSetting(SettingCodec.toAvro(each.setting()))
                    .setVerifyMilliseconds(each.verifyMilliseconds() / steps)
                    .setDraftMilliseconds(each.draftMilliseconds() / steps)
                    .setOtherMilliseconds(each.otherMilliseconds() / steps)
                    .setContextTokens((int) (each.contextTokens() / each.sequenceSteps()))
                    .build());
        }
        return CostProfile.newBuilder()
                .setRunId(HERE)
                .setModelId(HERE)
                .setDeviceClass(HERE)
                .setEngineClass(HERE)
                .setMeasuredAt(at)
                .setCosts(costs)
                .build();
    }

    /** All counts as one interval. */
    public static AcceptanceStats interval(List<StepStatistics.Counts> counts, Instant end, Duration length) {
        return AcceptanceStats.newBuilder()
                .setRunId(HERE)
                .setWorkerId(HERE)
                .setModelId(HERE)
                .setDeviceClass(HERE)
                .setEngineClass(HERE)
                .setIntervalStart(end.minus(length))
                .setIntervalEnd(end)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(counts.stream().map(MeasuredSettings::statistics).toList())
                .setPairs(againstPlain(counts))
                .build();
    }

    /** Settings took turns: each counts as one pair with plain decoding at the same batch. */
    private static List<PairedTurns> againstPlain(List<StepStatistics.Counts> counts) {
        List<PairedTurns> pairs = new ArrayList<>();
        for (StepStatistics.Counts rival : counts) {
            counts.stream()
                    .filter(plain -> plain.setting().isOff()
                            && !rival.setting().isOff()
                            && plain.activeBatch() == rival.activeBatch())
                    .findFirst()
                    .ifPresent(plain -> pairs.add(pairs(TurnPairs.of(plain, rival))));
        }
        return pairs;
    }

    /** The engine's form of a controller's table. */
    public static SettingTable table(SpeculationSettings settings) {
        return SettingCodec.table(settings, HERE);
    }
}
