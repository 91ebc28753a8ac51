package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class MachineWatchTest {
    private final Machine machine = new Machine(0.2);
    private final SettingEstimator estimator =
            new SettingEstimator(RespecConfig.defaults().controller(), CostTable.of(machine.profile()));

    /** The seconds of alarms, of steps that take the given factor longer than the table says. */
    private List<Integer> alarms(int seconds, IntToDoubleFunction factor) {
        var watch = new MachineWatch();
        List<Integer> alarms = new ArrayList<>();
        for (int second = 0; second < seconds; second++) {
            var steps = Statistics.exact(machine, Setting.OFF, 4, 200);
            steps.setVerifyMilliseconds(steps.getVerifyMilliseconds() * factor.applyAsDouble(second));
            AcceptanceStats stats = Statistics.interval(Machine.START.plusSeconds(second), steps);
            if (watch.jumped(stats, estimator, stats.getIntervalEnd().toEpochMilli())) {
                alarms.add(second);
            }
        }
        return alarms;
    }

    @Test
    void shouldNoticeAMachineThatTakesTwiceAsLongAndOneThatRecovers() {
        assertThat(alarms(400, second -> second < 300 ? 1 : 2)).containsExactly(300);
        assertThat(alarms(400, second -> second < 300 ? 2 : 1)).containsExactly(300);
    }

    @Test
    void shouldNotMindAMachineThatIsAlwaysSlowerThanTheTable() {
        assertThat(alarms(600, second -> 3)).isEmpty();
    }

    @Test
    void shouldNotMindASmallChange() {
        assertThat(alarms(600, second -> second < 300 ? 1 : 1.2)).isEmpty();
    }

    /** Noise as beside a training thread: intervals of a second lie 0.25 apart, alike to 0.3 from one to the next. */
    @Test
    void shouldTellAJumpFromNoise() {
        int accidents = 0;
        int noticed = 0;
        for (long seed = 1; seed <= 20; seed++) {
            accidents += alarms(300, noisy(seed, second -> 1)).size();
            List<Integer> alarms = alarms(340, noisy(seed, second -> second < 300 ? 1 : 2));
            noticed += alarms.stream().anyMatch(second -> second >= 300 && second <= 312) ? 1 : 0;
        }

        // Then: an alarm by accident in some ten minutes at most, and twice as slow is noticed within seconds
        assertThat(accidents).isLessThanOrEqualTo(10);
        assertThat(noticed).isGreaterThanOrEqualTo(18);
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
