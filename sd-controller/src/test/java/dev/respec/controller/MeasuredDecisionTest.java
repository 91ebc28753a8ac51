package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.controller.MeasuredDecision.Measurement;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasuredDecisionTest {
    private static final Setting SHORT = Setting.chain("eagle3", 1);
    private static final ControllerSection DEFAULTS =
            RespecConfig.load(null, Map.of(), List.of()).controller();

    /** Turns as the machine runs them, each slower by a factor that its pair shares. */
    private static Measurement measured(Machine machine, Setting setting, int batch) {
        SettingStatistics steps = Statistics.exact(machine, setting, batch, 400);
        double speed = 1000 * batch * machine.acceptanceLength(setting) / machine.milliseconds(setting, batch);
        return new Measurement(
                batch,
                setting,
                steps.getVerifySteps(),
                steps.getSequenceSteps(),
                steps.getAcceptedByPosition(),
                steps.getDraftedByPosition(),
                steps.getContextTokens(),
                steps.getDraftMilliseconds() + steps.getVerifyMilliseconds(),
                List.of(speed, speed / 2, speed / 1.3, speed));
    }

    @ParameterizedTest
    @CsvSource({"0.75, 0.35", "0.3, 0.6", "0, 0"})
    void shouldNameTheFastestSettingOfEachBatch(double eagle, double suffix) {
        var machine = new Machine(0.2).accepting("eagle3", eagle).accepting("suffix", suffix);
        List<Measurement> all = new ArrayList<>();
        for (int batch : Machine.BATCHES) {
            Machine.SETTINGS.forEach(setting -> all.add(measured(machine, setting, batch)));
        }

        var table = MeasuredDecision.table(DEFAULTS, all);

        for (int batch : Machine.BATCHES) {
            double best = machine.gain(machine.best(batch), batch);
            double chosen = machine.gain(table.forBatch(batch), batch);
            assertThat(chosen).as("batch " + batch).isGreaterThanOrEqualTo(best / (1 + DEFAULTS.hysteresis()) - 0.01);
        }
        assertThat(table.entry(1).getValue().trials()).isEmpty();
    }

    @Test
    void shouldAskForPlainDecoding() {
        var machine = new Machine(0.2).accepting("eagle3", 0.7);

        assertThatThrownBy(() -> MeasuredDecision.table(DEFAULTS, List.of(measured(machine, SHORT, 2))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("eagle3:1 at batch 2 was not measured in turns with plain decoding");
    }

    @Test
    void shouldAskForSteps() {
        assertThatThrownBy(() -> new Measurement(2, Setting.OFF, 0, 0, List.of(), List.of(), 0, 5, List.of(1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("off at batch 2: 0 steps");
    }
}
