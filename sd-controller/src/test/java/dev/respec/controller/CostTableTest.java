package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostTableTest {
    private static SettingCost cost(int batch, Setting setting, double milliseconds) {
        return new SettingCost(batch, SettingCodec.toAvro(setting), milliseconds, 0.0, 0.0, 48);
    }

    private static CostProfile profile(SettingCost... costs) {
        return new CostProfile("policy", "cpu", "engine", Machine.START, List.of(costs), "run", List.of(), List.of());
    }

    @Test
    void shouldInterpolateBetweenMeasuredBatches() {
        var table = CostTable.of(profile(cost(2, Setting.OFF, 10), cost(4, Setting.OFF, 20), cost(8, Setting.OFF, 60)));

        assertThat(table.milliseconds(Setting.OFF, 2, 48)).isEqualTo(10);
        assertThat(table.milliseconds(Setting.OFF, 3, 48)).isCloseTo(15, within(1e-12));
        assertThat(table.milliseconds(Setting.OFF, 5, 48)).isCloseTo(30, within(1e-12));
        assertThat(table.milliseconds(Setting.OFF, 1, 48)).isEqualTo(10);
        assertThat(table.milliseconds(Setting.OFF, 10, 48)).isCloseTo(80, within(1e-12));
    }

    @Test
    void shouldNotMakeASettingLookCheapWhereItWasNotMeasured() {
        // Measured at batch 2 only; plain decoding takes 6 times as long at batch 8.
        var setting = Setting.chain("eagle3", 2);
        var table = CostTable.of(profile(cost(2, Setting.OFF, 10), cost(8, Setting.OFF, 60), cost(2, setting, 14)));

        assertThat(table.milliseconds(setting, 8, 48)).isCloseTo(84, within(1e-12));
    }

    @Test
    void shouldNotExtrapolateDownwards() {
        var table = CostTable.of(profile(cost(1, Setting.OFF, 12), cost(2, Setting.OFF, 10)));

        assertThat(table.milliseconds(Setting.OFF, 50, 48)).isEqualTo(10);
    }

    @Test
    void shouldSumThePhases() {
        var setting = Setting.chain("eagle3", 2);
        var table = CostTable.of(
                profile(cost(1, Setting.OFF, 5), new SettingCost(1, SettingCodec.toAvro(setting), 5.0, 2.0, 0.5, 48)));

        assertThat(table.milliseconds(setting, 1, 48)).isEqualTo(7.5);
    }

    @Test
    void shouldRefuseWhatCannotBeCompared() {
        assertThat(CostTable.refusal(profile()))
                .hasValueSatisfying(reason -> assertThat(reason).contains("no active batch"));
        assertThat(CostTable.refusal(profile(cost(1, Setting.OFF, 0)))).isPresent();
        assertThat(CostTable.refusal(profile(cost(1, Setting.OFF, Double.NaN)))).isPresent();
        assertThat(CostTable.refusal(profile(cost(0, Setting.OFF, 1)))).isPresent();
        assertThat(CostTable.refusal(new Machine(0.2).profile())).isEmpty();
    }
}
