package dev.respec.controller;

import dev.respec.controller.ControllerReplay.Replay;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges decisions by what the run itself measured: at every active batch, the tokens a second of each setting over the
 * whole run. What was tried only because of exploration counts like the rest; what was never tried at a batch has no
 * speed there, and the time it would have been chosen for is counted apart.
 */
public final class HindsightJudgement {
    /** Sequence steps below which a measured speed does not count. */
    private static final long FEWEST_SEQUENCE_STEPS = 200;

    private final Map<Integer, Map<SpeculationSetting, Speed>> speeds = new TreeMap<>();
    private final List<AcceptanceStats> ordered;

    private HindsightJudgement(List<AcceptanceStats> stats) {
        this.ordered = new ArrayList<>(stats);
        ordered.sort(Comparator.comparing(AcceptanceStats::getIntervalEnd));
        ordered.forEach(interval -> interval.getSettings().forEach(this::measure));
    }

    /**
     * A judgement, in shares of generating time.
     *
     * @param replayed speed of the replayed choices over that of the best measured setting; not a number without data
     * @param recorded speed of what ran over that of the best measured setting, in the same time
     * @param judgedTime share of the time in which the replayed choice has a measured speed
     * @param milliseconds generating time in the records
     */
    public record Judgement(double replayed, double recorded, double judgedTime, double milliseconds) {}

    /** Judges the tables of a replay over the same records; until its first table, plain decoding is its choice. */
    public static Judgement judge(Replay replay, List<AcceptanceStats> stats) {
        return new HindsightJudgement(stats).judge(replay.tables());
    }

    private Judgement judge(List<SpeculationSettings> tables) {
        double all = 0;
        double judged = 0;
        double replayed = 0;
        double recorded = 0;
        for (AcceptanceStats interval : ordered) {
            for (SettingStatistics statistics : interval.getSettings()) {
                double time = milliseconds(statistics);
                all += time;
                SpeculationSetting choice = choice(tables, interval, statistics.getActiveBatch());
                double best = best(statistics.getActiveBatch());
                double chosen = speed(statistics.getActiveBatch(), choice);
                double ran = speed(statistics.getActiveBatch(), statistics.getSetting());
                if (best > 0 && !Double.isNaN(chosen) && !Double.isNaN(ran)) {
                    judged += time;
                    replayed += time * chosen / best;
                    recorded += time * ran / best;
                }
            }
        }
        return new Judgement(replayed / judged, recorded / judged, judged / all, all);
    }

    private void measure(SettingStatistics statistics) {
        speeds.computeIfAbsent(statistics.getActiveBatch(), batch -> new HashMap<>())
                .computeIfAbsent(statistics.getSetting(), setting -> new Speed())
                .add(statistics);
    }

    /** Not a number where it was hardly measured. */
    private double speed(int batch, SpeculationSetting setting) {
        Speed speed = speeds.getOrDefault(batch, Map.of()).get(setting);
        return speed == null ? Double.NaN : speed.tokensPerMillisecond();
    }

    private double best(int batch) {
        return speeds.getOrDefault(batch, Map.of()).values().stream()
                .mapToDouble(Speed::tokensPerMillisecond)
                .filter(speed -> !Double.isNaN(speed))
                .max()
                .orElse(0);
    }

    /** The newest table decided before the interval. */
    private static SpeculationSetting choice(List<SpeculationSettings> tables, AcceptanceStats interval, int batch) {
        List<BatchSetting> table = List.of();
        for (SpeculationSettings candidate : tables) {
            if (candidate.getDecidedAt().isAfter(interval.getIntervalStart())) {
                break;
            }
            table = candidate.getTable();
        }
        for (BatchSetting entry : table) {
            if (batch <= entry.getMaxActiveBatch() || entry == table.get(table.size() - 1)) {
                return entry.getSetting();
            }
        }
        return SettingCodec.toAvro(Setting.OFF);
    }

    private static double milliseconds(SettingStatistics statistics) {
        return statistics.getDraftMilliseconds()
                + statistics.getVerifyMilliseconds()
                + statistics.getOtherMilliseconds();
    }

    private static final class Speed {
        private long tokens;
        private long sequenceSteps;
        private double milliseconds;

        void add(SettingStatistics statistics) {
            tokens += statistics.getEmittedTokens();
            sequenceSteps += statistics.getSequenceSteps();
            milliseconds += HindsightJudgement.milliseconds(statistics);
        }

        double tokensPerMillisecond() {
            return sequenceSteps < FEWEST_SEQUENCE_STEPS || milliseconds <= 0 ? Double.NaN : tokens / milliseconds;
        }
    }
}
