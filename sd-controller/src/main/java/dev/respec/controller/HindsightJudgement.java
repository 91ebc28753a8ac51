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
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Judges decisions by what the run itself compared: at every range of active batches, pairs of adjacent turns tell how much
 * faster one setting was than another, whatever the machine did meanwhile. Totals would not: a setting that ran in a slow
 * minute would look slow. What no comparisons connect with the setting that ran cannot be judged, and its time is counted
 * separately.
 *
 * <p>The oracle is the setting that is fastest by all pairs of the run. Luck makes some setting look best, so that shares
 * are a little too low if settings are close; {@link Judgement#error} says how much is uncertain.
 */
public final class HindsightJudgement {
    /** Standard errors to either side of a 95 % interval. */
    private static final double INTERVAL = 1.96;

    private final NavigableMap<Integer, PairedSpeeds> speeds = new TreeMap<>();
    private final List<AcceptanceStats> ordered;

    private HindsightJudgement(List<AcceptanceStats> stats) {
        this.ordered = new ArrayList<>(stats);
        ordered.sort(Comparator.comparing(AcceptanceStats::getIntervalEnd));
        for (AcceptanceStats interval : ordered) {
            interval.getPairs()
                    .forEach(pairs -> speeds.computeIfAbsent(pairs.getActiveBatch(), batch -> new PairedSpeeds())
                            .add(pairs));
        }
        speeds.values().forEach(PairedSpeeds::solve);
    }

    /**
     * A judgement, in shares of generating time.
     *
     * @param replayed speed of the replayed choices over that of the best setting; not a number without pairs
     * @param recorded speed of what ran over that of the best setting, in the same time
     * @param error half the width of the 95 % interval of {@code replayed}
     * @param judgedTime share of the time in which pairs connect the replayed choice with what ran
     * @param milliseconds generating time in the records
     */
    public record Judgement(double replayed, double recorded, double error, double judgedTime, double milliseconds) {}

    /** Judges the tables of a replay over the same records; until its first table, plain decoding is its choice. */
    public static Judgement judge(Replay replay, List<AcceptanceStats> stats) {
        return new HindsightJudgement(stats).judge(replay.tables());
    }

    private Judgement judge(List<SpeculationSettings> tables) {
        double all = 0;
        double judged = 0;
        double replayed = 0;
        double recorded = 0;
        Map<Integer, Double> errors = new TreeMap<>();
        for (AcceptanceStats interval : ordered) {
            for (SettingStatistics statistics : interval.getSettings()) {
                double time = BatchActivity.milliseconds(statistics);
                all += time;
                int batch = range(statistics.getActiveBatch());
                PairedSpeeds here = speeds.get(batch);
                SpeculationSetting ran = statistics.getSetting();
                SpeculationSetting choice = choice(tables, interval, statistics.getActiveBatch());
                if (here == null || here.logRatio(choice, ran).isEmpty()) {
                    continue;
                }
                SpeculationSetting best = here.best(ran);
                double share = Math.exp(here.logRatio(choice, best).orElseThrow());
                judged += time;
                replayed += time * share;
                recorded += time * Math.exp(here.logRatio(ran, best).orElseThrow());
                errors.merge(batch, time * share * Math.sqrt(here.variance(choice, best)), Double::sum);
            }
        }
        double error = Math.sqrt(
                errors.values().stream().mapToDouble(each -> each * each).sum());
        return new Judgement(replayed / judged, recorded / judged, INTERVAL * error / judged, judged / all, all);
    }

    /** The last entry of a table serves every larger batch, too. */
    private int range(int activeBatch) {
        Integer above = speeds.ceilingKey(activeBatch);
        return above != null ? above : speeds.isEmpty() ? activeBatch : speeds.lastKey();
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
}
