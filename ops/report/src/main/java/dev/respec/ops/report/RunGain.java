package dev.respec.ops.report;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What speculation gained while the run was going: the time that plain decoding would have needed for the same steps'
 * tokens, over the time they took, at the batches as they occurred.
 *
 * <p>Both sides come from pairs of adjacent turns of plain decoding and a setting, so that the machine's ups and downs
 * cancel. Trials are part of the time they took; plain decoding counts as itself.
 */
final class RunGain {
    /** Standard errors to either side of a 95 % interval. */
    private static final double INTERVAL = 1.96;

    private static final long FEWEST_PAIRS = 4;

    /** Standard deviation of one pair that is assumed beside the few that were seen, and their number. */
    private static final double PAIR_DEVIATION = 0.15;

    private static final double ASSUMED_PAIRS = 2;

    private final Map<Place, Pairs> pairs = new HashMap<>();
    private final Map<Place, Double> milliseconds = new HashMap<>();

    private record Place(int batch, SpeculationSetting setting) {}

    /** Of ln(setting's tokens per second / plain decoding's). */
    private static final class Pairs {
        private long count;
        private double sum;
        private double squares;

        void add(PairedTurns turns, int sign) {
            count += turns.getPairs();
            sum += sign * turns.getLogSpeedRatios();
            squares += turns.getSquaredLogSpeedRatios();
        }

        double gain() {
            return Math.exp(sum / count);
        }

        double varianceOfMean() {
            double seen = Math.max(0, squares - sum * sum / count);
            double one = (seen + ASSUMED_PAIRS * PAIR_DEVIATION * PAIR_DEVIATION) / (count - 1 + ASSUMED_PAIRS);
            return one / count;
        }
    }

    private RunGain(Collection<AcceptanceStats> acceptance) {
        NavigableSet<Integer> batches = new TreeSet<>();
        for (AcceptanceStats stats : acceptance) {
            stats.getPairs().forEach(turns -> batches.add(turns.getActiveBatch()));
        }
        for (AcceptanceStats stats : acceptance) {
            for (PairedTurns turns : stats.getPairs()) {
                boolean settingPlain = isPlain(turns.getSetting());
                if (settingPlain != isPlain(turns.getRival())) {
                    SpeculationSetting drafting = settingPlain ? turns.getRival() : turns.getSetting();
                    pairs.computeIfAbsent(new Place(turns.getActiveBatch(), drafting), place -> new Pairs())
                            .add(turns, settingPlain ? 1 : -1);
                }
            }
            for (SettingStatistics each : stats.getSettings()) {
                // the last entry of a table serves every larger batch, too
                Integer above = batches.ceiling(each.getActiveBatch());
                Integer batch = above == null && !batches.isEmpty() ? batches.last() : above;
                double took = each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds();
                milliseconds.merge(
                        new Place(batch == null ? each.getActiveBatch() : batch, each.getSetting()), took, Double::sum);
            }
        }
    }

    private static boolean isPlain(SpeculationSetting setting) {
        return setting.getDraftLength() == 0;
    }

    /** Null if the run compared nothing with plain decoding. */
    static RunSummary.@Nullable GainDuringRun of(List<AcceptanceStats> acceptance) {
        return new RunGain(acceptance).gain();
    }

    private RunSummary.@Nullable GainDuringRun gain() {
        double all = 0;
        double judged = 0;
        double plain = 0;
        double variance = 0;
        long counted = 0;
        for (var entry : milliseconds.entrySet()) {
            double took = entry.getValue();
            all += took;
            Pairs compared = pairs.get(entry.getKey());
            if (isPlain(entry.getKey().setting())) {
                judged += took;
                plain += took;
            } else if (compared != null && compared.count >= FEWEST_PAIRS) {
                judged += took;
                plain += took * compared.gain();
                variance += Math.pow(took * compared.gain(), 2) * compared.varianceOfMean();
                counted += compared.count;
            }
        }
        if (counted == 0) {
            return null;
        }
        return new RunSummary.GainDuringRun(
                plain / judged, INTERVAL * Math.sqrt(variance) / judged, judged / all, counted);
    }
}
