package dev.respec.generation.engine;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Turns of one trial in the order A B B A: two pairs, the second one mirrored. */
final class Comparison {
    /** Turns whose steps lie further apart than this are not compared: the machine may have changed. */
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    /** Most by which the mean batches of the four turns may differ, as a share of the largest. */
    private static final double BATCH_TOLERANCE = 0.25;

    private static final int TURNS = 4;

    private final int activeBatch;
    private final Setting setting;
    private final SettingTable.Trial trial;
    private final TurnPairs.Side[] turns = new TurnPairs.Side[TURNS];
    private final long[] contextTokens = new long[TURNS];
    private int turn;
    private double switchMilliseconds;
    private long switches;
    private long lastStep = System.nanoTime();
    private boolean paused;

    Comparison(int activeBatch, Setting setting, SettingTable.Trial trial) {
        this.activeBatch = activeBatch;
        this.setting = setting;
        this.trial = trial;
        begin();
    }

    private void begin() {
        Arrays.fill(turns, TurnPairs.Side.EMPTY);
        Arrays.fill(contextTokens, 0);
        turn = 0;
        switchMilliseconds = 0;
        switches = 0;
        paused = false;
    }

    SettingTable.Trial trial() {
        return trial;
    }

    boolean continues(Setting inForce, SettingTable.Trial next) {
        return setting.equals(inForce) && trial.equals(next);
    }

    Setting current() {
        return turn == 0 || turn == TURNS - 1 ? setting : trial.rival();
    }

    /** The first step with a setting. */
    void switched(double milliseconds) {
        passTime();
        switchMilliseconds += milliseconds;
        switches++;
    }

    /** Counts a step; whether it was the last one of the four turns. */
    boolean stepped(TurnPairs.Side step, long context) {
        passTime();
        turns[turn] = turns[turn].plus(step);
        contextTokens[turn] += context;
        boolean over =
                turns[turn].steps() >= trial.turnSteps() && turns[turn].milliseconds() >= trial.turnMilliseconds();
        turn += over ? 1 : 0;
        return turn == TURNS;
    }

    private void passTime() {
        long now = System.nanoTime();
        paused |= now - lastStep > LONGEST_PAUSE_NANOS;
        lastStep = now;
    }

    /** The two pairs, or null if they are not comparable; what follows begins with a new turn. */
    @Nullable
    TurnPairs takeComparable() {
        TurnPairs pairs = comparable() ? pair(0, 1).plus(pair(3, 2)).withSwitches(switchMilliseconds, switches) : null;
        begin();
        return pairs;
    }

    private TurnPairs pair(int ofSetting, int ofRival) {
        return TurnPairs.pair(
                activeBatch,
                setting,
                trial.rival(),
                turns[ofSetting],
                turns[ofRival],
                contextTokens[ofSetting] + contextTokens[ofRival]);
    }

    private boolean comparable() {
        double largest =
                Arrays.stream(turns).mapToDouble(TurnPairs.Side::batch).max().orElseThrow();
        double smallest =
                Arrays.stream(turns).mapToDouble(TurnPairs.Side::batch).min().orElseThrow();
        return !paused && largest - smallest <= BATCH_TOLERANCE * largest;
    }
}
