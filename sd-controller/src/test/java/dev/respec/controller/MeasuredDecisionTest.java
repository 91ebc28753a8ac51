package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.controller.MeasuredDecision.Measurement;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuredDecisionTest {
    private static final Setting SHORT = Setting.chain("suffix", 2);
    private static final Setting LONG = Setting.chain("suffix", 8);
    private static final ControllerSection DEFAULTS =
            RespecConfig.load(null, Map.of(), List.of()).controller();

    @Test
    void shouldNameTheFastestSettingOfEachBatch() {
        var table = MeasuredDecision.table(
                DEFAULTS,
                List.of(
                        new Measurement(1, SHORT, 150, 1.6),
                        new Measurement(1, LONG, 210, 3.1),
                        new Measurement(1, Setting.OFF, 100, 1),
                        new Measurement(8, Setting.OFF, 500, 1),
                        new Measurement(8, SHORT, 700, 1.6),
                        new Measurement(8, LONG, 400, 3.1)));

        assertThat(table.forBatch(1)).isEqualTo(LONG);
        assertThat(table.forBatch(8)).isEqualTo(SHORT);
        assertThat(table.forBatch(64)).isEqualTo(SHORT);
    }

    @Test
    void shouldStayWithPlainDecodingUnlessTheGainExceedsTheHysteresis() {
        double enough = (1 + DEFAULTS.hysteresis())
                / (1
                        - (double) DEFAULTS.switchCost().toMillis()
                                / DEFAULTS.dwell().toMillis());

        assertThat(table(enough - 0.001).forBatch(1)).isEqualTo(Setting.OFF);
        assertThat(table(enough + 0.001).forBatch(1)).isEqualTo(SHORT);
    }

    private static SettingTable table(double gain) {
        return MeasuredDecision.table(
                DEFAULTS, List.of(new Measurement(1, Setting.OFF, 100, 1), new Measurement(1, SHORT, 100 * gain, 1.6)));
    }

    @Test
    void shouldAskForPlainDecoding() {
        assertThatThrownBy(() -> MeasuredDecision.table(DEFAULTS, List.of(new Measurement(1, SHORT, 150, 1.6))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no estimate of off");
    }
}
