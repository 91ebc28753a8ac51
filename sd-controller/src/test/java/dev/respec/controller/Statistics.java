package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Statistics as a worker publishes them. */
final class Statistics {
    private Statistics() {}

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
                setting.toEvent(),
                steps,
                sequenceSteps,
                sequenceSteps * setting.draftLength(),
                accepted,
                drafted,
                sequenceSteps + tokens,
                steps * machine.draftMilliseconds(setting, batch),
                steps * machine.verifyMilliseconds(setting, batch),
                0.0);
    }

    static AcceptanceStats interval(Instant end, SettingStatistics... settings) {
        return interval(end, List.of(settings));
    }

    static AcceptanceStats interval(Instant end, List<SettingStatistics> settings) {
        return new AcceptanceStats("run", "worker-0", "policy", "cpu", end.minusSeconds(1), end, 0L, 0L, settings);
    }
}
