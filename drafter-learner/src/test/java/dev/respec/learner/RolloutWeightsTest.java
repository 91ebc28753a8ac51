package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.stage.config.LearnerSection.Weighting;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RolloutWeightsTest {
    @ParameterizedTest
    @EnumSource(Weighting.class)
    void shouldBePositiveWithMeanOne(Weighting weighting) {
        float[] weights = RolloutWeights.of(weighting, rollouts(0, 0.1, 1, 0.5, -3, 1));
        assertThat(mean(weights)).isCloseTo(1, within(1e-6));
        for (float weight : weights) {
            assertThat(weight).isPositive();
        }
    }

    @Test
    void shouldNotTellRolloutsApartWhenUniform() {
        assertThat(RolloutWeights.of(Weighting.UNIFORM, rollouts(0, 1, 5))).containsExactly(1, 1, 1);
    }

    @Test
    void shouldWeighByRewardButKeepFailures() {
        // 1 of 2 succeeds: raw weights 0 and 2 after division by the mean, clipped to 0.1 and 2, mean 1.05
        float[] weights = RolloutWeights.of(Weighting.REWARD, rollouts(0, 1));
        assertThat(weights[0]).isCloseTo(0.1f / 1.05f, within(1e-6f));
        assertThat(weights[1]).isCloseTo(2 / 1.05f, within(1e-6f));
    }

    @Test
    void shouldWeighFailuresAsRewardWeighsSuccesses() {
        assertThat(RolloutWeights.of(Weighting.FAILURES, rollouts(0, 1, 0.5, 1)))
                .containsExactly(RolloutWeights.of(Weighting.REWARD, rollouts(1, 0, 0.5, 0)));
        assertThat(RolloutWeights.of(Weighting.FAILURES, rollouts(1, 1))).containsExactly(1, 1);
    }

    @Test
    void shouldClipRareRewards() {
        double[] rewards = new double[20];
        rewards[7] = 1;
        float[] weights = RolloutWeights.of(Weighting.REWARD, rollouts(rewards));
        assertThat(weights[7] / weights[0]).isCloseTo(40, within(1e-3f));
    }

    @Test
    void shouldBeUniformWhereNothingWasRewarded() {
        assertThat(RolloutWeights.of(Weighting.REWARD, rollouts(0, 0))).containsExactly(1, 1);
    }

    @Test
    void shouldWeighByExponentOfAdvantage() {
        float[] weights = RolloutWeights.of(Weighting.ADVANTAGE, rollouts(0, 0.5));
        assertThat(weights[1] / weights[0]).isCloseTo((float) Math.exp(0.5), within(1e-5f));
    }

    /** The rewards serve as advantages too. */
    private static List<TrainingRollout> rollouts(double... rewards) {
        return IntStream.range(0, rewards.length)
                .mapToObj(i -> TrainingRollouts.scored("r/" + i, i, rewards[i], rewards[i]))
                .toList();
    }

    private static double mean(float[] weights) {
        double[] doubles = new double[weights.length];
        Arrays.setAll(doubles, i -> weights[i]);
        return Arrays.stream(doubles).average().orElseThrow();
    }
}
