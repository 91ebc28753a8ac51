package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.console.Durations;
import org.junit.jupiter.api.Test;

class ScaleTest {
    @Test
    void shouldEndOnRoundNumbers() {
        Scale scale = Scale.nice(0.03, 0.97, 4, 200, 0);

        assertThat(scale.low()).isZero();
        assertThat(scale.high()).isEqualTo(1.0);
        assertThat(scale.ticks()).containsExactly(0.0, 0.5, 1.0);
        assertThat(scale.pixel(0.5)).isEqualTo(100);
    }

    @Test
    void shouldLabelTicksWithTheDigitsTheyNeed() {
        assertThat(Scale.nice(0, 0.01, 4, 0, 1).label(0.005)).isEqualTo("0.005");
        assertThat(Scale.nice(0, 4000, 4, 0, 1).label(1000)).isEqualTo("1,000");
        assertThat(Scale.nice(-1, 1, 4, 0, 1).label(-0.0)).isEqualTo("0.0");
    }

    @Test
    void shouldKeepLabelsOfSmallNumbersShort() {
        Scale scale = Scale.nice(0, 1e-4, 4, 0, 1);

        assertThat(scale.ticks().stream().map(scale::label)).containsExactly("0", "5e-5", "1e-4");
        assertThat(Scale.nice(0, 2.5e-6, 5, 0, 1).label(1.5e-6)).isEqualTo("1.5e-6");
        assertThat(Scale.nice(0, 3e-4, 4, 0, 1).label(1e-4)).isEqualTo("0.0001");
    }

    @Test
    void shouldGiveAConstantSomeRoom() {
        Scale scale = Scale.nice(5, 5, 4, 0, 100);

        assertThat(scale.low()).isLessThan(5);
        assertThat(scale.high()).isGreaterThan(5);
    }

    @Test
    void shouldSayDurationsAsPeopleDo() {
        assertThat(Durations.text(4.23)).isEqualTo("4.2 s");
        assertThat(Durations.text(59.4)).isEqualTo("59 s");
        assertThat(Durations.text(425)).isEqualTo("7 min 05 s");
        assertThat(Durations.text(7620)).isEqualTo("2 h 07 min");
    }
}
