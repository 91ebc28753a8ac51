package dev.respec.ops.paper.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.paper.findings.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpeedUpVerdictTest {
    @Test
    void shouldDecideByTheWholeInterval() {
        assertThat(SpeedUpVerdict.helpsAndHurts(row(1.4, 0.2), row(0.5, 0.1))).isEqualTo(Verdict.HOLDS);
        assertThat(SpeedUpVerdict.helpsAndHurts(row(1.4, 0.2), row(1.3, 0.1))).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(SpeedUpVerdict.helpsAndHurts(row(0.8, 0.1), row(0.5, 0.1))).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(SpeedUpVerdict.helpsAndHurts(row(1.4, 0.2), row(0.95, 0.1))).isEqualTo(Verdict.UNDECIDED);
        assertThat(SpeedUpVerdict.helpsAndHurts(row(1.4, Double.NaN), row(0.5, Double.NaN)))
                .isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void shouldCallTheChoiceSlowerOnlyIfItSurelyIs() {
        assertThat(SpeedUpVerdict.neverSlower(List.of(row(1.2, 0.3), row(0.97, 0.1))))
                .isEqualTo(Verdict.HOLDS);
        assertThat(SpeedUpVerdict.neverSlower(List.of(row(1.2, 0.3), row(0.8, 0.1))))
                .isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(SpeedUpVerdict.neverSlower(List.of(row(1.2, 0.3), row(0.8, 0.3))))
                .isEqualTo(Verdict.UNDECIDED);
        assertThat(SpeedUpVerdict.neverSlower(List.of())).isEqualTo(Verdict.UNDECIDED);
    }

    private static DecodeBench.Row row(double speedUp, double error) {
        return new DecodeBench.Row(8, "eagle3:4", "eagle3:4", 100, 2, speedUp, 1, 1, 1, 0, 0, error);
    }
}
