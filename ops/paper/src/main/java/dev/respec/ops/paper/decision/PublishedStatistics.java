package dev.respec.ops.paper.decision;

import dev.respec.controller.ControllerReplay;
import dev.respec.ops.paper.decision.PublishedTable.Column;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrustedEvents;
import dev.respec.speculation.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Published speed-ups in the form of a worker's statistics. The paper gives speed-ups alone; they are split into an
 * acceptance length and a step time whose quotient is the published value, so that the choice of the acceptance rate
 * changes nothing.
 */
final class PublishedStatistics {
    private static final int INTERVALS = 60;
    private static final int STEPS = 200;
    private static final int PAIRS = 4;
    private static final int CONTEXT = 512;
    private static final double PLAIN_MILLISECONDS = 10;

    /** Acceptance of every draft position, given the ones before. */
    private static final double ACCEPTANCE = 0.7;

    private static final String RUN = "paper";

    static {
        TrustedEvents.trust(); // builders fill in records by default
    }

    private PublishedStatistics() {}

    /** The setting that the controller has chosen after a minute. */
    static Setting decide(ControllerReplay controller, Column column) {
        Instant start = Instant.EPOCH.plusSeconds(1);
        List<AcceptanceStats> intervals = new ArrayList<>();
        for (int i = 1; i <= INTERVALS; i++) {
            intervals.add(interval(column, start.plusSeconds(i)));
        }
        List<SpeculationSettings> tables =
                controller.run(List.of(costs(column, start)), intervals).tables();
        return tables.isEmpty()
                ? Setting.OFF
                : SettingCodec.table(tables.get(tables.size() - 1), RUN).forBatch(column.batch());
    }

    private static double milliseconds(Column column, Setting setting) {
        return setting.isOff()
                ? PLAIN_MILLISECONDS
                : PLAIN_MILLISECONDS * acceptanceLength(setting) / column.speedUp(setting);
    }

    private static double acceptanceLength(Setting setting) {
        return (1 - Math.pow(ACCEPTANCE, setting.draftLength() + 1)) / (1 - ACCEPTANCE);
    }

    private static List<Setting> settings(Column column) {
        List<Setting> settings = new ArrayList<>(List.of(Setting.OFF));
        settings.addAll(column.speedUps().keySet());
        return settings;
    }

    private static CostProfile costs(Column column, Instant at) {
        List<SettingCost> costs = settings(column).stream()
                .map(setting -> SettingCost.newBuilder()
                        .setActiveBatch(column.batch())
                        .setSetting(SettingCodec.toAvro(setting))
                        .setVerifyMilliseconds(milliseconds(column, setting))
                        .setDraftMilliseconds(0)
                        .setOtherMilliseconds(0)
                        .setContextTokens(CONTEXT)
                        .build())
                .toList();
        return CostProfile.newBuilder()
                .setRunId(RUN)
                .setModelId(RUN)
                .setDeviceClass(RUN)
                .setEngineClass(RUN)
                .setMeasuredAt(at)
                .setCosts(costs)
                .build();
    }

    private static AcceptanceStats interval(Column column, Instant end) {
        return AcceptanceStats.newBuilder()
                .setRunId(RUN)
                .setWorkerId(RUN)
                .setModelId(RUN)
                .setDeviceClass(RUN)
                .setEngineClass(RUN)
                .setIntervalStart(end.minus(Duration.ofSeconds(1)))
                .setIntervalEnd(end)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(settings(column).stream()
                        .map(setting -> statistics(column, setting))
                        .toList())
                .setPairs(column.speedUps().keySet().stream()
                        .map(setting -> againstPlain(column, setting))
                        .toList())
                .build();
    }

    private static SettingStatistics statistics(Column column, Setting setting) {
        long sequenceSteps = (long) STEPS * column.batch();
        List<Long> accepted = new ArrayList<>();
        List<Long> drafted = new ArrayList<>();
        long emitted = sequenceSteps;
        for (int k = 1; k <= setting.draftLength(); k++) {
            long count = Math.round(sequenceSteps * Math.pow(ACCEPTANCE, k));
            accepted.add(count);
            drafted.add(sequenceSteps);
            emitted += count;
        }
        return SettingStatistics.newBuilder()
                .setActiveBatch(column.batch())
                .setSetting(SettingCodec.toAvro(setting))
                .setVerifySteps(STEPS)
                .setSequenceSteps(sequenceSteps)
                .setDraftedTokens(sequenceSteps * setting.verifiedTokens())
                .setAcceptedByPosition(accepted)
                .setDraftedByPosition(drafted)
                .setEmittedTokens(emitted)
                .setDraftMilliseconds(0)
                .setVerifyMilliseconds(STEPS * milliseconds(column, setting))
                .setOtherMilliseconds(0)
                .setContextTokens(sequenceSteps * CONTEXT)
                .build();
    }

    private static PairedTurns againstPlain(Column column, Setting rival) {
        long sequenceSteps = (long) STEPS * column.batch();
        double timeRatio = Math.log(milliseconds(column, rival) / PLAIN_MILLISECONDS);
        double speedRatio = Math.log(column.speedUp(rival));
        return PairedTurns.newBuilder()
                .setActiveBatch(column.batch())
                .setSetting(SettingCodec.toAvro(Setting.OFF))
                .setRival(SettingCodec.toAvro(rival))
                .setPairs(PAIRS)
                .setSettingSteps(STEPS)
                .setSettingSequenceSteps(sequenceSteps)
                .setSettingTokens(sequenceSteps)
                .setSettingMilliseconds(STEPS * PLAIN_MILLISECONDS)
                .setRivalSteps(STEPS)
                .setRivalSequenceSteps(sequenceSteps)
                .setRivalTokens(Math.round(sequenceSteps * acceptanceLength(rival)))
                .setRivalMilliseconds(STEPS * milliseconds(column, rival))
                .setLogTimeRatios(PAIRS * timeRatio)
                .setSquaredLogTimeRatios(PAIRS * timeRatio * timeRatio)
                .setLogSpeedRatios(PAIRS * speedRatio)
                .setSquaredLogSpeedRatios(PAIRS * speedRatio * speedRatio)
                .setSwitchMilliseconds(0)
                .setSwitches(0)
                .setContextTokens(2 * sequenceSteps * CONTEXT)
                .build();
    }
}
