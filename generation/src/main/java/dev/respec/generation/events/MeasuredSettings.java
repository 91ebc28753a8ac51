package dev.respec.generation.events;

import dev.respec.generation.engine.StepStatistics;
import dev.respec.generation.engine.TurnPairs;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.TrustedEvents;
import java.util.Arrays;
import java.util.List;

/** What was counted in this process, as the records of which events to a controller are made. */
public final class MeasuredSettings {
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
}
