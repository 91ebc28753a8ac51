package dev.respec.worker.engine;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the comparisons of a table: the setting in force and its rival take turns over the same sequences in the order
 * A B B A, so that a machine or a batch that drifts weighs on both alike.
 *
 * <p>A turn is a few steps. The first step after a change of setting catches up on drafter caches; it is counted apart.
 * Two pairs count only if nothing came between their turns: no other entry of the table, no pause, about the same batch,
 * and either side about as fast in its second turn as in its first.
 */
public final class PairedTurns {
    /** A step that begins later than this after the last one ends the pair: the machine may have changed meanwhile. */
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000L;

    /** Most by which the mean batches of a pair's turns may differ, as a share of the larger. */
    private static final double BATCH_TOLERANCE = 0.15;

    /** Most by which a side's two turns may differ in time, natural logarithm: beyond it the machine has changed. */
    private static final double STEADINESS = 0.35;

    /** A ratio beyond e² is a mishap. */
    private static final double MOST_LOG_RATIO = 2;

    private final Map<Long, Integer> pairsDone = new HashMap<>();
    private Map<Key, Pairs> counts = new LinkedHashMap<>();
    private @Nullable Comparison running;
    private @Nullable Setting lastSetting;
    private long lastEnd;

    private record Key(int activeBatch, Setting setting, Setting rival) {}

    /** One side's sums over whole turns. */
    public record Side(long steps, long sequenceSteps, long tokens, double milliseconds) {
        static final Side EMPTY = new Side(0, 0, 0, 0);

        static Side of(StepStatistics.Counts counts) {
            return new Side(
                    counts.verifySteps(),
                    counts.sequenceSteps(),
                    counts.emittedTokens(),
                    counts.draftMilliseconds() + counts.verifyMilliseconds() + counts.otherMilliseconds());
        }

        Side plus(Side other) {
            return new Side(
                    steps + other.steps,
                    sequenceSteps + other.sequenceSteps,
                    tokens + other.tokens,
                    milliseconds + other.milliseconds);
        }

        double batch() {
            return (double) sequenceSteps / steps;
        }

        double millisecondsPerStep() {
            return milliseconds / steps;
        }
    }

    /**
     * Sums over the pairs of one setting and one rival; all of {@code dev.respec.schemas.PairedTurns}.
     *
     * @param logTimeRatios sum of ln(rival's milliseconds a step / setting's), then of the squares
     * @param logSpeedRatios sum of ln(rival's tokens a second / setting's), then of the squares
     */
    public record Pairs(
            int activeBatch,
            Setting setting,
            Setting rival,
            long pairs,
            Side ofSetting,
            Side ofRival,
            double logTimeRatios,
            double squaredLogTimeRatios,
            double logSpeedRatios,
            double squaredLogSpeedRatios,
            double switchMilliseconds,
            long switches,
            long contextTokens) {
        /** Whole counts of plain decoding and of a rival as one pair. */
        public static Pairs of(StepStatistics.Counts plain, StepStatistics.Counts rival) {
            return pair(
                    plain.activeBatch(),
                    plain.setting(),
                    rival.setting(),
                    Side.of(plain),
                    Side.of(rival),
                    plain.contextTokens() + rival.contextTokens());
        }

        private static Pairs pair(
                int activeBatch, Setting setting, Setting rival, Side one, Side other, long contextTokens) {
            double time = logRatio(other.millisecondsPerStep(), one.millisecondsPerStep());
            double speed = logRatio(other.tokens() / other.milliseconds(), one.tokens() / one.milliseconds());
            return new Pairs(
                    activeBatch,
                    setting,
                    rival,
                    1,
                    one,
                    other,
                    time,
                    time * time,
                    speed,
                    speed * speed,
                    0,
                    0,
                    contextTokens);
        }

        private Pairs withSwitches(double milliseconds, long count) {
            return new Pairs(
                    activeBatch,
                    setting,
                    rival,
                    pairs,
                    ofSetting,
                    ofRival,
                    logTimeRatios,
                    squaredLogTimeRatios,
                    logSpeedRatios,
                    squaredLogSpeedRatios,
                    milliseconds,
                    count,
                    contextTokens);
        }

        Pairs plus(Pairs other) {
            return new Pairs(
                    activeBatch,
                    setting,
                    rival,
                    pairs + other.pairs,
                    ofSetting.plus(other.ofSetting),
                    ofRival.plus(other.ofRival),
                    logTimeRatios + other.logTimeRatios,
                    squaredLogTimeRatios + other.squaredLogTimeRatios,
                    logSpeedRatios + other.logSpeedRatios,
                    squaredLogSpeedRatios + other.squaredLogSpeedRatios,
                    switchMilliseconds + other.switchMilliseconds,
                    switches + other.switches,
                    contextTokens + other.contextTokens);
        }
    }

    /** The turns of one trial that follow each other without interruption. */
    private static final class Comparison {
        private final int activeBatch;
        private final Setting setting;
        private final SettingTable.Trial trial;
        private final Side[] sides = {Side.EMPTY, Side.EMPTY};
        private int turn;
        private @Nullable Pairs firstPair;
        private double switchMilliseconds;
        private long switches;
        private long contextTokens;

        Comparison(int activeBatch, Setting setting, SettingTable.Trial trial) {
            this.activeBatch = activeBatch;
            this.setting = setting;
            this.trial = trial;
        }

        boolean continues(int batch, Setting inForce, SettingTable.Trial next) {
            return activeBatch == batch && setting.equals(inForce) && trial.equals(next);
        }

        /** 0 1 1 0: the side that begins a pair alternates. */
        int side() {
            return (turn + 1) / 2 % 2;
        }

        Setting current() {
            return side() == 0 ? setting : trial.rival();
        }

        /** The last two turns; what follows begins a new pair. */
        Pairs takePair() {
            Pairs pair = Pairs.pair(activeBatch, setting, trial.rival(), sides[0], sides[1], contextTokens)
                    .withSwitches(switchMilliseconds, switches);
            sides[0] = Side.EMPTY;
            sides[1] = Side.EMPTY;
            switchMilliseconds = 0;
            switches = 0;
            contextTokens = 0;
            return pair;
        }
    }

    /**
     * The setting of the next step.
     *
     * @param runnable a setting as this engine can run it: plain where it lacks the drafter
     */
    Setting next(SettingTable table, int activeSequences, UnaryOperator<Setting> runnable) {
        var entry = table.entry(activeSequences);
        Setting inForce = runnable.apply(entry.getValue().setting());
        SettingTable.Trial trial = due(entry.getValue(), inForce, runnable);
        if (trial == null || System.nanoTime() - lastEnd > LONGEST_PAUSE_NANOS) {
            running = null;
        }
        if (trial == null) {
            return inForce;
        }
        Comparison comparison = running;
        if (comparison == null || !comparison.continues(entry.getKey(), inForce, trial)) {
            pairsDone.keySet().removeIf(id -> !table.names(id));
            comparison = new Comparison(entry.getKey(), inForce, trial);
            running = comparison;
        }
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

    /** A step has run. */
    void stepped(Setting setting, int sequences, long tokens, long contextTokens, long nanos) {
        boolean changed = !setting.equals(lastSetting);
        lastSetting = setting;
        lastEnd = System.nanoTime();
        Comparison comparison = running;
        if (comparison == null) {
            return;
        }
        double milliseconds = nanos / 1e6;
        if (changed) {
            comparison.switchMilliseconds += milliseconds;
            comparison.switches++;
            return;
        }
        int side = comparison.side();
        comparison.sides[side] = comparison.sides[side].plus(new Side(1, sequences, tokens, milliseconds));
        comparison.contextTokens += contextTokens;
        if (comparison.sides[side].steps() >= comparison.trial.turnSteps()) {
            comparison.turn++;
            if (comparison.turn % 2 == 0) {
                close(comparison);
            }
        }
    }

    private void close(Comparison comparison) {
        Pairs pair = comparison.takePair();
        Pairs first = comparison.firstPair;
        if (first == null) {
            comparison.firstPair = pair;
            return;
        }
        comparison.firstPair = null;
        if (comparable(first, pair)) {
            counts.merge(new Key(pair.activeBatch(), pair.setting(), pair.rival()), first.plus(pair), Pairs::plus);
        }
        int done = pairsDone.merge(comparison.trial.id(), 2, Integer::sum);
        if (done >= comparison.trial.pairs()) {
            running = null;
        }
    }

    private static boolean comparable(Pairs first, Pairs second) {
        double[] batches = {
            first.ofSetting().batch(),
            first.ofRival().batch(),
            second.ofRival().batch(),
            second.ofSetting().batch()
        };
        double largest = Arrays.stream(batches).max().orElseThrow();
        double smallest = Arrays.stream(batches).min().orElseThrow();
        return largest - smallest <= BATCH_TOLERANCE * largest
                && steady(first.ofSetting(), second.ofSetting())
                && steady(first.ofRival(), second.ofRival());
    }

    private static boolean steady(Side first, Side second) {
        return Math.abs(Math.log(first.millisecondsPerStep() / second.millisecondsPerStep())) <= STEADINESS;
    }

    private static double logRatio(double one, double other) {
        return Math.max(-MOST_LOG_RATIO, Math.min(MOST_LOG_RATIO, Math.log(one / other)));
    }

    /** Pairs completed since the last call. */
    public List<Pairs> drain() {
        List<Pairs> drained = new ArrayList<>(counts.values());
        counts = new LinkedHashMap<>();
        return drained;
    }
}
