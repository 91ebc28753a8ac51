package dev.respec.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepMetricTest {
    private static TrainingStep step(Map<String, Double> metrics) {
        return new TrainingStep(
                "run",
                WeightRole.DRAFTER,
                1L,
                1L,
                List.of(),
                List.of(),
                List.of(),
                metrics,
                Map.of(),
                Instant.EPOCH,
                Instant.EPOCH);
    }

    @Test
    void shouldReadTheSpellingOfOlderRuns() {
        assertThat(StepMetric.GRADIENT_NORM.of(step(Map.of("gradient-norm", 2.5))))
                .isEqualTo(2.5);
        assertThat(StepMetric.GRADIENT_NORM.of(step(Map.of("gradient_norm", 2.5, "gradient-norm", 7.0))))
                .isEqualTo(2.5);
        assertThat(StepMetric.GRADIENT_NORM.of(step(Map.of()))).isNaN();
    }

    @Test
    void shouldKeepTheNamesThatAreRecordedAndScraped() {
        assertThat(StepMetric.KL_SAMPLER_TRAINER.key()).isEqualTo("kl_sampler_trainer");
        assertThat(StepMetric.CANDIDATE_ACCEPTANCE.key(3)).isEqualTo("candidate_acceptance_3");
        assertThat(StepMetric.values())
                .allSatisfy(metric -> assertThat(metric.key()).matches("[a-z_]+"));
    }

    @Test
    void shouldNameWhatAMetricIsOf() {
        assertThat(StepMetric.REWARD_PART.key("judge")).isEqualTo("reward_part.judge");
        assertThat(StepMetric.REWARD_PART.names(
                        step(Map.of("reward_part.task.strict", 1.0, "reward_part.judge", 0.5, "reward_mean", 1.0))))
                .containsExactly("judge", "task.strict");
    }

    @Test
    void shouldTakeAStepWithoutTheMetricForOneThatTaught() {
        assertThat(StepMetric.hasSignal(step(Map.of()))).isTrue();
        assertThat(StepMetric.hasSignal(step(Map.of("no_signal", 1.0)))).isFalse();
    }
}
