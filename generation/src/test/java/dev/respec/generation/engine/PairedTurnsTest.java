package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PairedTurnsTest {
    private static final Setting EAGLE = Setting.chain("eagle3", 2);
    private static final int CONTEXT = 100;
    private final PairedTurns turns = new PairedTurns();

    private static SettingTable table(int pairs) {
        var trial = new SettingTable.Trial(7, EAGLE, 2, 0, pairs);
        return SettingTable.of(1, Map.of(8, new SettingTable.Entry(Setting.OFF, List.of(trial))));
    }

    /** Steps of so many milliseconds; the rival emits two tokens per sequence. */
    private List<Setting> run(SettingTable table, int steps, int batch, IntToDoubleFunction milliseconds) {
        List<Setting> ran = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            Setting setting = turns.next(table, batch, UnaryOperator.identity());
            ran.add(setting);
            long tokens = setting.isOff() ? batch : 2L * batch;
            double took = milliseconds.applyAsDouble(step) * (setting.isOff() ? 1 : 1.25);
            turns.stepped(setting, batch, tokens, (long) batch * CONTEXT, Math.round(took * 1e6));
        }
        return ran;
    }

    @Test
    void shouldTakeTurnsInTheOrderABBAAndThenGoOnWithTheSettingInForce() {
        List<Setting> ran = run(table(2), 15, 4, step -> 4);

        // one more step follows each change of setting, the first of all included
        Setting off = Setting.OFF;
        assertThat(ran)
                .containsExactly(off, off, off, EAGLE, EAGLE, EAGLE, EAGLE, EAGLE, off, off, off, off, off, off, off);
    }

    @Test
    void shouldReportBothSidesWithoutTheStepsAfterAChange() {
        run(table(2), 12, 4, step -> 4);

        assertThat(turns.drain()).singleElement().satisfies(pairs -> {
            assertThat(pairs.activeBatch()).isEqualTo(8);
            assertThat(pairs.setting()).isEqualTo(Setting.OFF);
            assertThat(pairs.rival()).isEqualTo(EAGLE);
            assertThat(pairs.pairs()).isEqualTo(2);
            assertThat(pairs.ofSetting()).isEqualTo(new TurnPairs.Side(4, 16, 16, 16));
            assertThat(pairs.ofRival()).isEqualTo(new TurnPairs.Side(4, 16, 32, 20));
            assertThat(pairs.logTimeRatios()).isCloseTo(2 * Math.log(1.25), within(1e-9));
            assertThat(pairs.logSpeedRatios()).isCloseTo(2 * Math.log(2 / 1.25), within(1e-9));
            assertThat(pairs.switches()).isEqualTo(3);
            assertThat(pairs.switchMilliseconds()).isCloseTo(4 + 5 + 4, within(1e-9));
            assertThat(pairs.contextTokens()).isEqualTo(8L * 4 * CONTEXT);
        });
        assertThat(turns.drain()).isEmpty();
    }

    @Test
    void shouldCancelAMachineThatSlowsDownSteadily() {
        run(table(2), 12, 4, step -> 4 * Math.exp(0.01 * step));

        var pairs = turns.drain().get(0);
        assertThat(pairs.logTimeRatios() / 2).isCloseTo(Math.log(1.25), within(0.006));
    }

    /** Dropping pairs that a disturbance fell into would favour the setting with the shorter turns. */
    @Test
    void shouldKeepPairsBetweenWhichTheMachineJumps() {
        run(table(2), 12, 4, step -> step < 6 ? 4 : 8);

        assertThat(turns.drain()).singleElement().satisfies(pairs -> {
            assertThat(pairs.pairs()).isEqualTo(2);
            assertThat(pairs.logTimeRatios()).isCloseTo(2 * Math.log(1.25), within(1e-9));
        });
    }

    @Test
    void shouldGiveBothSidesTheSameTime() {
        // 4 ms and 5 ms a step: turns of 20 ms are five and four steps
        var trial = new SettingTable.Trial(7, EAGLE, 2, 20, 2);
        var table = SettingTable.of(1, Map.of(8, new SettingTable.Entry(Setting.OFF, List.of(trial))));

        run(table, 30, 4, step -> 4);

        assertThat(turns.drain()).singleElement().satisfies(pairs -> {
            assertThat(pairs.ofSetting()).isEqualTo(new TurnPairs.Side(10, 40, 40, 40));
            assertThat(pairs.ofRival()).isEqualTo(new TurnPairs.Side(8, 32, 64, 40));
        });
    }

    @Test
    void shouldGoOnWithATurnAfterAnotherEntryOfTheTable() {
        var trial = new SettingTable.Trial(7, EAGLE, 2, 0, 2);
        var table = SettingTable.of(
                1,
                Map.of(
                        2, new SettingTable.Entry(Setting.OFF, List.of()),
                        8, new SettingTable.Entry(Setting.OFF, List.of(trial))));
        run(table, 5, 4, step -> 4);
        run(table, 3, 1, step -> 1);

        // Then: a step that catches up, one that ends the rival's first turn, and the other two turns
        List<Setting> ran = run(table, 7, 4, step -> 4);

        assertThat(ran.subList(0, 4)).containsOnly(EAGLE);
        assertThat(turns.drain()).singleElement().satisfies(pairs -> {
            assertThat(pairs.ofSetting()).isEqualTo(new TurnPairs.Side(4, 16, 16, 16));
            assertThat(pairs.ofRival()).isEqualTo(new TurnPairs.Side(4, 16, 32, 20));
        });
    }

    @Test
    void shouldDropPairsOfDifferentBatches() {
        SettingTable table = table(2);
        run(table, 6, 4, step -> 4);
        run(table, 1, 1, step -> 4);
        run(table, 4, 4, step -> 4);

        assertThat(turns.drain()).isEmpty();
    }

    @Test
    void shouldNotTryADrafterThatTheEngineLacks() {
        assertThat(turns.next(table(2), 4, setting -> Setting.OFF)).isEqualTo(Setting.OFF);
    }
}
