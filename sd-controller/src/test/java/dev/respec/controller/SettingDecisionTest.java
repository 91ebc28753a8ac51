package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettingDecisionTest {
    private static final ControllerSection CONFIG = RespecConfig.defaults().controller();
    private static final double SWITCH_MILLIS = 20;
    private static final SettingDecision DECISION = new SettingDecision(CONFIG, SWITCH_MILLIS);
    private static final long NOW = Machine.START.toEpochMilli();
    private static final Setting EAGLE = Setting.chain("eagle3", 2);
    private static final Setting LONG_EAGLE = Setting.chain("eagle3", 4);
    private static final Setting SUFFIX = Setting.chain("suffix", 4);
    private static final SettingEstimate OFF = new SettingEstimate(Setting.OFF, 1, 0, 0, 1, 0);

    private static SettingEstimate estimate(Setting setting, double gain) {
        return new SettingEstimate(setting, gain, 0, 0, 1 + gain, 10_000);
    }

    private static Choice longAgo(Setting setting, double gain) {
        return new Choice(setting, NOW - 60_000, Reason.ARGMAX, gain, 2);
    }

    private static Choice choose(Choice current, SettingEstimate... estimates) {
        return DECISION.choose(current, List.of(estimates), Set.of(), NOW);
    }

    @Test
    void shouldTakeTheBest() {
        var choice =
                choose(Choice.NO_DATA, OFF, estimate(EAGLE, 1.4), estimate(LONG_EAGLE, 1.7), estimate(SUFFIX, 1.2));

        assertThat(choice.setting()).isEqualTo(LONG_EAGLE);
        assertThat(choice.reason()).isEqualTo(Reason.ARGMAX);
        assertThat(choice.gain()).isEqualTo(1.7);
        assertThat(choice.since()).isEqualTo(NOW);
    }

    @Test
    void shouldLeaveOffOnlyForAGainAboveTheHysteresis() {
        assertThat(choose(longAgo(Setting.OFF, 1), OFF, estimate(EAGLE, 1.02)).setting())
                .isEqualTo(Setting.OFF);
        assertThat(choose(longAgo(Setting.OFF, 1), OFF, estimate(EAGLE, 1.02)).reason())
                .isEqualTo(Reason.HYSTERESIS);
        assertThat(choose(longAgo(Setting.OFF, 1), OFF, estimate(EAGLE, 1.05)).setting())
                .isEqualTo(EAGLE);
    }

    @Test
    void shouldChargeTheSwitch() {
        // 20 ms of a dwell of 3 s: 1.036 · (1 − 1/150) < 1.03 ≤ 1.038 · (1 − 1/150)
        assertThat(choose(longAgo(Setting.OFF, 1), OFF, estimate(EAGLE, 1.036)).setting())
                .isEqualTo(Setting.OFF);
        assertThat(choose(longAgo(Setting.OFF, 1), OFF, estimate(EAGLE, 1.038)).setting())
                .isEqualTo(EAGLE);
    }

    @Test
    void shouldStayWithASettingThatIsNearlyTheBest() {
        var choice = choose(longAgo(EAGLE, 1.5), OFF, estimate(EAGLE, 1.5), estimate(LONG_EAGLE, 1.53));

        assertThat(choice.setting()).isEqualTo(EAGLE);
        assertThat(choice.reason()).isEqualTo(Reason.HYSTERESIS);
    }

    @Test
    void shouldStayForTheDwellTime() {
        var current = new Choice(EAGLE, NOW - 1_000, Reason.ARGMAX, 1.5, 2);

        var choice = choose(current, OFF, estimate(EAGLE, 1.1), estimate(LONG_EAGLE, 2));

        assertThat(choice.setting()).isEqualTo(EAGLE);
        assertThat(choice.reason()).isEqualTo(Reason.DWELL);
        assertThat(choice.since()).isEqualTo(NOW - 1_000);
    }

    @Test
    void shouldLeaveAtOnceWhatIsSlowerThanOff() {
        var current = new Choice(EAGLE, NOW - 1_000, Reason.ARGMAX, 1.5, 2);

        assertThat(choose(current, OFF, estimate(EAGLE, 0.99)).setting()).isEqualTo(Setting.OFF);
        assertThat(choose(current, OFF, estimate(EAGLE, 0.99)).reason()).isEqualTo(Reason.SLOWER);
        assertThat(choose(current, OFF, estimate(EAGLE, 0.99), estimate(SUFFIX, 1.3))
                        .setting())
                .isEqualTo(SUFFIX);
    }

    @Test
    void shouldNotChooseWhatItHardlyKnows() {
        var unknown = new SettingEstimate(EAGLE, 3, 0, 0, 4, CONFIG.minimumSamples() - 1);

        var choice = choose(Choice.NO_DATA, OFF, unknown);

        assertThat(choice.setting()).isEqualTo(Setting.OFF);
        assertThat(choice.reason()).isEqualTo(Reason.NO_DATA);
    }

    @Test
    void shouldKeepASettingWhoseEvidenceHasFaded() {
        var faded = new SettingEstimate(EAGLE, 0.9, 0, 0, 1.5, 3);

        assertThat(choose(longAgo(EAGLE, 1.4), OFF, faded).setting()).isEqualTo(EAGLE);
    }

    @Test
    void shouldLeaveAndNotTakeARestingDrafter() {
        var resting = Set.of(EAGLE.family());
        var estimates = List.of(OFF, estimate(EAGLE, 1.5), estimate(LONG_EAGLE, 1.6));

        var choice = DECISION.choose(longAgo(EAGLE, 1.5), estimates, resting, NOW);

        assertThat(choice.setting()).isEqualTo(Setting.OFF);
        assertThat(choice.reason()).isEqualTo(Reason.COLLAPSE);
    }

    @Test
    void shouldLeaveASettingThatHasNoCostsAnyMore() {
        assertThat(choose(longAgo(LONG_EAGLE, 1.5), OFF, estimate(EAGLE, 1.5)).setting())
                .isEqualTo(EAGLE);
        assertThat(choose(longAgo(LONG_EAGLE, 1.5), OFF).setting()).isEqualTo(Setting.OFF);
    }
}
