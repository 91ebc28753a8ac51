package dev.respec.worker;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCost;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.worker.engine.SettingTable;
import dev.respec.worker.engine.StepStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What was counted in this process, as the events by which a controller decides. */
public final class MeasuredSettings {
    private static final String HERE = "this-process";

    private MeasuredSettings() {}

    static SettingStatistics statistics(StepStatistics.Counts counts) {
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
            costs.add(new SettingCost(
                    each.activeBatch(),
                    SettingCodec.toAvro(each.setting()),
                    each.verifyMilliseconds() / steps,
                    each.draftMilliseconds() / steps,
                    each.otherMilliseconds() / steps));
        }
        return new CostProfile(HERE, HERE, HERE, at, costs);
    }

    /** All counts as one interval. */
    public static AcceptanceStats interval(List<StepStatistics.Counts> counts, Instant end, Duration length) {
        return AcceptanceStats.newBuilder()
                .setRunId(HERE)
                .setWorkerId(HERE)
                .setModelId(HERE)
                .setDeviceClass(HERE)
                .setIntervalStart(end.minus(length))
                .setIntervalEnd(end)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(counts.stream().map(MeasuredSettings::statistics).toList())
                .build();
    }

    /** The engine's form of a controller's table. */
    public static SettingTable table(SpeculationSettings settings) {
        return SettingCodec.toTable(settings);
    }
}
