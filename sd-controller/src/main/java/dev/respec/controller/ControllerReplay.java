package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.stage.config.ControllerSection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a controller would have decided on recorded statistics: the same decision, driven by the times in the records.
 * The recorded statistics are those of the settings that were in force then, so a replay shows decisions, not the
 * speed they would have brought; {@link Replay#agreement} says how far the two tables are apart.
 */
public final class ControllerReplay {
    private final ControllerSection config;

    public ControllerReplay(ControllerSection config) {
        this.config = config;
    }

    /**
     * The decisions of a replay.
     *
     * @param tables every table the controller would have published
     * @param alarms how often a drafter would have been taken for broken
     * @param agreement share of recorded verify steps that ran the setting which the replayed table names
     */
    public record Replay(List<SpeculationSettings> tables, int alarms, double agreement) {
        public Replay {
            tables = List.copyOf(tables);
        }
    }

    /** Replays records of one model, run and engine class, in any order. */
    public Replay run(List<CostProfile> profiles, List<AcceptanceStats> stats) {
        var ordered = new ArrayList<>(stats);
        ordered.sort(Comparator.comparing(AcceptanceStats::getIntervalEnd));
        var costs = new ArrayList<>(profiles);
        costs.sort(Comparator.comparing(CostProfile::getMeasuredAt));
        if (ordered.isEmpty()) {
            return new Replay(List.of(), 0, 0);
        }
        AcceptanceStats first = ordered.get(0);
        var run = new Run(new SpeculationController(EngineKey.of(first), first.getDeviceClass(), config));
        Instant tick = first.getIntervalEnd();
        for (AcceptanceStats interval : ordered) {
            for (; tick.isBefore(interval.getIntervalEnd()); tick = tick.plus(config.decideInterval())) {
                run.decide(tick);
            }
            while (!costs.isEmpty() && !costs.get(0).getMeasuredAt().isAfter(interval.getIntervalEnd())) {
                run.controller.costs(costs.remove(0));
            }
            run.observe(interval);
        }
        run.decide(tick);
        return run.result();
    }

    private static final class Run {
        private final SpeculationController controller;
        private final List<SpeculationSettings> tables = new ArrayList<>();
        private int alarms;
        private long steps;
        private long agreed;

        Run(SpeculationController controller) {
            this.controller = controller;
        }

        void decide(Instant at) {
            controller.decide(at).ifPresent(tables::add);
            alarms += (int) controller.takeAlarms().stream()
                    .filter(alarm -> alarm.kind() == HealthAlarm.Kind.COLLAPSE)
                    .count();
        }

        void observe(AcceptanceStats interval) {
            controller.observe(interval, interval.getIntervalEnd());
            for (SettingStatistics statistics : interval.getSettings()) {
                steps += statistics.getVerifySteps();
                if (!tables.isEmpty()
                        && settingAt(tables.get(tables.size() - 1), statistics.getActiveBatch())
                                .equals(statistics.getSetting())) {
                    agreed += statistics.getVerifySteps();
                }
            }
        }

        private static SpeculationSetting settingAt(SpeculationSettings settings, int batch) {
            List<BatchSetting> table = settings.getTable();
            return table.stream()
                    .filter(entry -> batch <= entry.getMaxActiveBatch())
                    .findFirst()
                    .orElse(table.get(table.size() - 1))
                    .getSetting();
        }

        Replay result() {
            return new Replay(tables, alarms, steps == 0 ? 0 : (double) agreed / steps);
        }
    }
}
