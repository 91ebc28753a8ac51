package dev.respec.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EvaluationScoresTest {
    @Test
    void shouldEstimatePassAtKWithoutBias() {
        // Given two prompts with 4 samples each, of which 1 and 0 pass
        var scores = scores(4, new double[][] {{0, 1, 0, 0}, {0, 0.5, 0, 0}});

        // Then pass@k of the first is 1 - C(3, k) / C(4, k) = k / 4
        assertThat(scores.passAtK()).containsOnlyKeys(1, 2, 4);
        assertThat(scores.passAtK().get(1)).isCloseTo(0.125, within(1e-12));
        assertThat(scores.passAtK().get(2)).isCloseTo(0.25, within(1e-12));
        assertThat(scores.passAtK().get(4)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void shouldMeetTheNumberOfSamplesThatIsNoPowerOfTwo() {
        var scores = scores(5, new double[][] {{1, 1, 0, 0, 0}});

        // 1 - C(3, 2) / C(5, 2) = 0.7; four samples cannot miss both that pass
        assertThat(scores.passAtK()).containsOnlyKeys(1, 2, 4, 5);
        assertThat(scores.passAtK().get(2)).isCloseTo(0.7, within(1e-12));
        assertThat(scores.passAtK().get(4)).isEqualTo(1);
    }

    @Test
    void shouldBeTheMeanOverAllSubsetsOfTheSamples() {
        // pass@k is the share of the subsets of k samples with one that passes, here counted one by one
        int n = 7;
        for (int right = 0; right <= n; right++) {
            var rewards = new double[n];
            java.util.Arrays.fill(rewards, 0, right, 1);
            var scores = scores(n, new double[][] {rewards});
            for (int k = 1; k <= n; k++) {
                int subsets = 0;
                int passing = 0;
                for (int subset = 0; subset < 1 << n; subset++) {
                    if (Integer.bitCount(subset) == k) {
                        subsets++;
                        passing += (subset & (1 << right) - 1) != 0 ? 1 : 0;
                    }
                }
                assertThat(scores.passAt(k)).isCloseTo(passing / (double) subsets, within(1e-12));
            }
        }
    }

    @Test
    void shouldRefuseMoreThanThereAreSamples() {
        assertThatThrownBy(() -> scores(4, new double[][] {{1, 0, 0, 0}}).passAt(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pass@5 of 4 samples");
    }

    @Test
    void shouldMeasureTheErrorOfTheMeanOverPrompts() {
        // Given prompt means 0.1, 0.4 and 0.7, whose sample deviation is 0.3
        var scores = scores(2, new double[][] {{0.1, 0.1}, {0.3, 0.5}, {1, 0.4}});

        assertThat(scores.meanReward()).isCloseTo(0.4, within(1e-12));
        assertThat(scores.standardError()).isCloseTo(0.3 / Math.sqrt(3), within(1e-12));
    }

    @Test
    void shouldKnowNoErrorOfASinglePrompt() {
        assertThat(scores(1, new double[][] {{1}}).standardError()).isNaN();
        assertThat(scores(1, new double[][] {}).meanReward()).isZero();
    }

    private static EvaluationScores scores(int samples, double[][] rewards) {
        var scores = new EvaluationScores(samples);
        for (int prompt = 0; prompt < rewards.length; prompt++) {
            for (double reward : rewards[prompt]) {
                scores.add(prompt, reward);
            }
        }
        return scores;
    }
}
