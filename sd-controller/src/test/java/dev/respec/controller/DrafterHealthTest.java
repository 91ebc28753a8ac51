package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.HealthAlarm.Kind;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrafterHealthTest {
    private static final ControllerSection CONFIG = RespecConfig.defaults().controller();
    private static final Setting CHAIN = Setting.chain("eagle3", 4);
    private static final long STEPS_PER_SECOND = 400;

    private final DrafterHealth health = new DrafterHealth(CONFIG);
    private final Machine machine = new Machine(0.2);
    private int second;

    private long now() {
        return Machine.START.plusSeconds(second).toEpochMilli();
    }

    /** A second of drafts of the version, then a judgement. */
    private void serve(String drafter, long version, double rate) {
        second++;
        Setting setting = Setting.chain(drafter, 4);
        var stats = interval(setting, version, rate);
        health.observe(stats, now());
        health.judge(now());
    }

    private AcceptanceStats interval(Setting setting, long version, double rate) {
        machine.accepting(setting.drafter(), rate);
        var stats = Statistics.interval(
                Machine.START.plusSeconds(second), Statistics.exact(machine, setting, 4, STEPS_PER_SECOND / 4));
        stats.setDrafterVersion(version);
        return stats;
    }

    /** Rate at which a draft of four emits so many tokens per step. */
    private static double rate(double length) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 60; i++) {
            double rate = (low + high) / 2;
            boolean more = 1 + rate + rate * rate + Math.pow(rate, 3) + Math.pow(rate, 4) > length;
            low = more ? low : rate;
            high = more ? rate : high;
        }
        return low;
    }

    @Test
    void shouldRestBrokenWeightsInTheSecondInWhichTheyAreServedHoweverGoodTheVersionsBeforeWere() {
        for (int i = 0; i < 600; i++) {
            serve("eagle3", 6, rate(3.4));
        }
        serve("eagle3", 7, rate(1.02));

        assertThat(health.resting(now())).containsExactly(CHAIN.family());
        assertThat(health.takeRaised()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.COLLAPSE);
            assertThat(alarm.version()).isEqualTo(7);
            assertThat(alarm.acceptanceLength()).isCloseTo(1.02, within(0.01));
            assertThat(alarm.before()).isCloseTo(3.4, within(0.01));
        });
        assertThat(health.standing()).hasSize(1);
    }

    /** A small vocabulary accepts some drafts of any weights. */
    @Test
    void shouldRestWeightsThatDraftAFractionOfWhatTheVersionsBeforeDrafted() {
        for (int i = 0; i < 60; i++) {
            serve("eagle3", 1, rate(3.0));
        }
        serve("eagle3", 2, rate(1.6));
        assertThat(health.resting(now())).as("worse, but not broken").isEmpty();
        serve("eagle3", 3, rate(1.14));

        assertThat(health.resting(now())).containsExactly(CHAIN.family());
    }

    @Test
    void shouldLetOtherWeightsServeAtOnceAndTheSameOnesAfterEverLongerRests() {
        for (int i = 0; i < 60; i++) {
            serve("eagle3", 1, rate(3.0));
        }
        serve("eagle3", 2, 0);
        long coolDown = CONFIG.collapseCoolDown().toSeconds();
        assertThat(health.takeRaised().get(0).restsUntil()).isEqualTo(now() + 1000 * coolDown);

        second += (int) coolDown;
        health.judge(now());
        assertThat(health.resting(now())).as("another chance").isEmpty();
        assertThat(health.standing()).isEmpty();
        serve("eagle3", 2, 0);
        assertThat(health.takeRaised().get(0).restsUntil()).isEqualTo(now() + 2000 * coolDown);
        assertThat(health.takeRecovered()).isEmpty();

        serve("eagle3", 3, rate(3.0));
        assertThat(health.resting(now())).isEmpty();
        assertThat(health.takeRecovered()).containsExactly(CHAIN.family());
        assertThat(health.standing()).isEmpty();
    }

    @Test
    void shouldJudgeADrafterWithoutVersionsOnAllItDrafted() {
        for (int version = 0; version < 30; version++) {
            serve("suffix", version, 0.5);
        }
        serve("suffix", 30, 0);

        assertThat(health.resting(now())).isEmpty();
        assertThat(health.takeRecovered()).isEmpty();
    }

    @Test
    void shouldIgnoreWorkersThatStillServeAnOlderVersion() {
        for (int i = 0; i < 60; i++) {
            serve("eagle3", 4, rate(3.0));
        }
        serve("eagle3", 5, rate(3.0));
        for (int i = 0; i < 30; i++) {
            serve("eagle3", 4, 0);
        }

        assertThat(health.takeRaised()).isEmpty();
    }

    /** From 3.4 to 1.9 in half an hour, new weights every ten seconds: no version is much worse than the one before. */
    @ParameterizedTest
    @ValueSource(ints = {10, 100_000})
    void shouldRaiseOneAlarmWhenAcceptanceDeclinesWithoutACollapse(int secondsPerVersion) {
        double length = 3.4;
        int alarmedAt = 0;
        for (int i = 0; i < 120; i++) {
            serve("eagle3", second / secondsPerVersion, rate(length));
        }
        for (; length > 1.9; length -= 1.5 / 1800) {
            serve("eagle3", second / secondsPerVersion, rate(length));
            alarmedAt = alarmedAt == 0 && !health.standing().isEmpty() ? second : alarmedAt;
        }

        assertThat(health.takeRaised()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.DECLINE);
            assertThat(alarm.acceptanceLength()).isCloseTo(0.75 * 3.4, within(0.05));
            assertThat(alarm.before()).isCloseTo(3.4, within(0.01));
        });
        // 0.75 · 3.4 is reached 1020 s after the decline began; the average lags a window behind, and it must last one
        assertThat(alarmedAt - 120).isBetween(1020, 1020 + 3 * 20);
        assertThat(health.resting(now())).isEmpty();

        for (int i = 0; i < 120; i++) {
            serve("eagle3", second / secondsPerVersion, rate(3.2));
        }
        assertThat(health.standing()).isEmpty();
    }

    @Test
    void shouldNotTakeAChangeOfTheSettingForADecline() {
        for (int i = 0; i < 120; i++) {
            serve("eagle3", 0, 0.8);
        }
        for (int i = 0; i < 300; i++) {
            second++;
            health.observe(interval(Setting.chain("eagle3", 1), 0, 0.8), now());
            health.judge(now());
        }

        assertThat(health.takeRaised()).isEmpty();
    }
}
