package dev.respec.ops.paper.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.ControllerReplay;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecisionExperimentTest {
    private static final Setting DEEP = new Setting("eagle3", 5, 8, 32);
    private static final Setting SHALLOW = new Setting("eagle3", 3, 8, 8);

    @Test
    void shouldChooseThePapersBestOfEveryColumn() {
        var controller = RespecConfig.defaults().controller();
        var limit = new TimeLimit(System::nanoTime, Duration.ofMinutes(1));

        Findings findings = new DecisionExperiment(controller).run(new Session(Size.quick(), limit, line -> {}));

        assertThat(findings.claims()).hasSize(1);
        assertThat(findings.claims().get(0).verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(findings.claims().get(0).because()).startsWith("7 of 7 columns");
    }

    /** The choice follows the figures, not the order or the name of the settings. */
    @Test
    void shouldFollowTheSpeedUpsOfTheColumn() {
        var replay = new ControllerReplay(RespecConfig.defaults().controller());

        assertThat(PublishedStatistics.decide(replay, column(1.1, 1.4))).isEqualTo(SHALLOW);
        assertThat(PublishedStatistics.decide(replay, column(1.4, 1.1))).isEqualTo(DEEP);
        assertThat(PublishedStatistics.decide(replay, column(0.8, 0.7))).isEqualTo(Setting.OFF);
    }

    private static PublishedTable.Column column(double deep, double shallow) {
        return new PublishedTable.Column(8, DEEP, Map.of(DEEP, deep, SHALLOW, shallow));
    }

    @Test
    void shouldInterpolateBetweenPublishedBatches() {
        assertThat(PublishedTable.bestSpeedUpAt(1)).isEqualTo(1.41);
        assertThat(PublishedTable.bestSpeedUpAt(3)).isCloseTo((1.46 + 1.34) / 2, within(1e-9));
        assertThat(PublishedTable.bestSpeedUpAt(64)).isEqualTo(1);
        assertThat(PublishedTable.bestSpeedUpAt(1000)).isEqualTo(1);
    }
}
