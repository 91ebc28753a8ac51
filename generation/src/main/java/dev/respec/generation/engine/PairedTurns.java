package dev.respec.generation.engine;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the comparisons of a table: the setting in force and its rival take turns in the order A B B A, so that a machine or
 * a batch that drifts weighs on both alike.
 *
 * <p>A turn lasts some steps and some time, because other processes disturb time, not steps: a turn of one millisecond
 * meets either no interruption or one that doubles it. The first step after a change of setting catches up on drafter
 * caches and is counted separately. Another entry of the table may apply for a while within a turn: batches drain within
 * milliseconds, and a turn at a small one takes several of them. Two pairs count only if they ran at about the same batch
 * and without a long pause.
 *
 * <p>INVARIANT: pairs are never selected by how long their turns took. An interruption is more likely to fall into the
 * longer turns, so that dropping disturbed pairs would favour the setting with the shorter ones.
 */
public final class PairedTurns {
    private final Map<Long, Integer> pairsDone = new HashMap<>();
    private final Map<Integer, Comparison> comparisons = new HashMap<>();
    private Map<Key, TurnPairs> counts = new LinkedHashMap<>();
    private @Nullable Comparison running;
    private @Nullable Setting lastSetting;

    private record Key(int activeBatch, Setting setting, Setting rival) {}

    /**
     * The setting of the next step.
     *
     * @param runnable a setting as this engine can run it: plain if it lacks the drafter
     */
    Setting next(SettingTable table, int activeSequences, UnaryOperator<Setting> runnable) {
        var entry = table.entry(activeSequences);
        Setting inForce = runnable.apply(entry.getValue().setting());
        SettingTable.Trial trial = due(entry.getValue(), inForce, runnable);
        if (trial == null) {
            running = null;
            return inForce;
        }
        Comparison comparison = comparisons.get(entry.getKey());
        if (comparison == null || !comparison.continues(inForce, trial)) {
            pairsDone.keySet().removeIf(id -> !table.names(id));
            comparison = new Comparison(entry.getKey(), inForce, trial);
            comparisons.put(entry.getKey(), comparison);
        }
        running = comparison;
        return comparison.current();
    }

    private SettingTable.@Nullable Trial due(
            SettingTable.Entry entry, Setting inForce, UnaryOperator<Setting> runnable) {
        for (SettingTable.Trial trial : entry.trials()) {
            boolean possible = runnable.apply(trial.rival()).equals(trial.rival())
                    && !trial.rival().equals(inForce);
            if (possible && pairsDone.getOrDefault(trial.id(), 0) < trial.pairs()) {
                return trial;
            }
        }
        return null;
    }

    /** A step has run that is compared with none. */
    void passed(Setting setting) {
        lastSetting = setting;
    }

    /** A step has run. */
    void stepped(Setting setting, int sequences, long tokens, long contextTokens, long nanos) {
        boolean changed = !setting.equals(lastSetting);
        lastSetting = setting;
        Comparison comparison = running;
        if (comparison == null) {
            return;
        }
        double milliseconds = nanos / 1e6;
        if (changed) {
            comparison.switched(milliseconds);
        } else if (comparison.stepped(new TurnPairs.Side(1, sequences, tokens, milliseconds), contextTokens)) {
            TurnPairs pairs = comparison.takeComparable();
            if (pairs != null) {
                counts.merge(new Key(pairs.activeBatch(), pairs.setting(), pairs.rival()), pairs, TurnPairs::plus);
            }
            pairsDone.merge(comparison.trial().id(), 2, Integer::sum);
        }
    }

    /** Pairs completed since the last call. */
    public List<TurnPairs> drain() {
        List<TurnPairs> drained = new ArrayList<>(counts.values());
        counts = new LinkedHashMap<>();
        return drained;
    }
}
