package dev.respec.ops.paper.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostFitTest {
    /** A target pass of 10 ms, 0.5 ms a drafter pass, 0.1 ms a row of it, 0.25 ms a verified token. */
    private static double milliseconds(Setting setting) {
        return 10
                + 0.5 * setting.draftLength()
                + 0.1 * setting.draftLength() * setting.branching()
                + 0.25 * setting.verifiedTokens();
    }

    @Test
    void shouldPredictTheWholeGridFromItsCorners() {
        CostFit fit = CostFit.of(corners());

        assertThat(SettingGrid.all())
                .allSatisfy(setting -> assertThat(fit.milliseconds(setting))
                        .as(setting.toString())
                        .isCloseTo(milliseconds(setting), within(0.01)));
    }

    @Test
    void shouldSpreadANoisyStepOverTheOthers() {
        List<CostFit.Step> steps = corners();
        CostFit.Step last = steps.remove(steps.size() - 1);
        steps.add(new CostFit.Step(last.setting(), last.milliseconds() * 1.2));

        double predicted = CostFit.of(steps).milliseconds(last.setting());

        assertThat(predicted).isBetween(last.milliseconds(), last.milliseconds() * 1.2);
    }

    private static List<CostFit.Step> corners() {
        List<CostFit.Step> steps = new ArrayList<>(List.of(new CostFit.Step(Setting.OFF, milliseconds(Setting.OFF))));
        SettingGrid.probes().forEach(setting -> steps.add(new CostFit.Step(setting, milliseconds(setting))));
        return steps;
    }
}
