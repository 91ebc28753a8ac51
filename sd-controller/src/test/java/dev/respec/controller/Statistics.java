package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Statistics as a worker publishes them. */
final class Statistics {
    private Statistics() {}

    static SettingStatistics none(Setting setting, int batch) {
        return new SettingStatistics(
                batch,
                SettingCodec.toAvro(setting),
                0L,
                0L,
                0L,
                new ArrayList<>(Collections.nCopies(setting.draftLength(), 0L)),
                new ArrayList<>(Collections.nCopies(setting.draftLength(), 0L)),
                0L,
                0.0,
                0.0,
                0.0,
                0L);
    }

    /** As many steps as asked, accepted and timed exactly as the machine says. */
    static SettingStatistics exact(Machine machine, Setting setting, int batch, long steps) {
        long sequenceSteps = steps * batch;
        var accepted = new ArrayList<Long>();
        var drafted = new ArrayList<Long>();
        double reach = 1;
        long tokens = 0;
        for (int k = 0; k < setting.draftLength(); k++) {
            drafted.add(sequenceSteps);
            reach *= machine.acceptance(setting.drafter());
            accepted.add(Math.round(sequenceSteps * reach));
            tokens += accepted.get(k);
        }
        return new SettingStatistics(
                batch,
                SettingCodec.toAvro(setting),
                steps,
                sequenceSteps,
                sequenceSteps * setting.draftLength(),
                accepted,
                drafted,
                sequenceSteps + tokens,
                steps * machine.draftMilliseconds(setting, batch),
                steps * machine.verifyMilliseconds(setting, batch),
                0.0,
                sequenceSteps * Machine.CONTEXT);
    }

    /** Pairs of turns of four steps, timed exactly as the machine says. */
    static PairedTurns exactPairs(Machine machine, Setting setting, Setting rival, int batch, int pairs) {
        double one = machine.milliseconds(setting, batch);
        double other = machine.milliseconds(rival, batch);
        double time = Math.log(other / one);
        double speed = Math.log(machine.acceptanceLength(rival) / machine.acceptanceLength(setting)) - time;
        long steps = 4L * pairs;
        return new PairedTurns(
                batch,
                SettingCodec.toAvro(setting),
                SettingCodec.toAvro(rival),
                (long) pairs,
                steps,
                steps * batch,
                Math.round(steps * batch * machine.acceptanceLength(setting)),
                steps * one,
                steps,
                steps * batch,
                Math.round(steps * batch * machine.acceptanceLength(rival)),
                steps * other,
                pairs * time,
                pairs * time * time,
                pairs * speed,
                pairs * speed * speed,
                0.0,
                0L,
                2 * steps * batch * Machine.CONTEXT);
    }

    static AcceptanceStats interval(Instant end, SettingStatistics... settings) {
        return interval(end, List.of(settings));
    }

    static AcceptanceStats interval(Instant end, List<SettingStatistics> settings) {
        return interval(end, settings, List.of());
    }

    static AcceptanceStats interval(Instant end, List<SettingStatistics> settings, List<PairedTurns> pairs) {
        return new AcceptanceStats(
                Machine.KEY.runId(),
                "worker-0",
                Machine.KEY.modelId(),
                "cpu",
                end.minusSeconds(1),
                end,
                0L,
                0L,
                settings,
                Machine.KEY.engineClass(),
                pairs,
                0L);
    }
}
