package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.speculation.Setting;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class MachineWatchTest {
    private static final int NEVER = -1;
    private final Machine machine = new Machine(0.2);
    private final SettingEstimator estimator =
            new SettingEstimator(DecisionConfig.defaults(), CostTable.of(machine.profile()));

    /** The second of the first alarm, of steps that take the given factor longer than the table says. */
    private int firstAlarm(int seconds, IntToDoubleFunction factor) {
        var watch = new MachineWatch();
        for (int second = 0; second < seconds; second++) {
            var steps = Statistics.exact(machine, Setting.OFF, 4, 200);
            steps.setVerifyMilliseconds(steps.getVerifyMilliseconds() * factor.applyAsDouble(second));
            AcceptanceStats stats = Statistics.interval(Machine.START.plusSeconds(second), steps);
            if (watch.jumped(stats, estimator, stats.getIntervalEnd().toEpochMilli())) {
                return second;
            }
        }
        return NEVER;
    }

    @Test
    void shouldNoticeAMachineThatTakesTwiceAsLongAndOneThatRecovers() {
        assertThat(firstAlarm(400, second -> second < 300 ? 1 : 2)).isBetween(300, 301);
        assertThat(firstAlarm(400, second -> second < 300 ? 2 : 1)).isBetween(300, 301);
    }

    @Test
    void shouldNotMindAMachineThatIsAlwaysSlowerThanTheTable() {
        assertThat(firstAlarm(600, second -> 3)).isEqualTo(NEVER);
    }

    @Test
    void shouldNotMindASmallChange() {
        assertThat(firstAlarm(600, second -> second < 300 ? 1 : 1.2)).isEqualTo(NEVER);
    }

    /** Noise as beside a training thread: intervals of a second lie 0.25 apart, alike to 0.3 from one to the next. */
    @Test
    void shouldTellAJumpFromNoise() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(firstAlarm(300, noisy(seed, second -> 1))).as("seed " + seed).isEqualTo(NEVER);
            assertThat(firstAlarm(340, noisy(seed, second -> second < 300 ? 1 : 2)))
                    .as("seed " + seed)
                    .isBetween(300, 312);
        }
    }

    private static IntToDoubleFunction noisy(long seed, IntToDoubleFunction factor) {
        var random = new Random(seed);
        double[] before = {0};
        return second -> {
            before[0] = 0.3 * before[0] + Math.sqrt(1 - 0.09) * 0.25 * random.nextGaussian();
            return factor.applyAsDouble(second) * Math.exp(before[0]);
        };
    }
}
