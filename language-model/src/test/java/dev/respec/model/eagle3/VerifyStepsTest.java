package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyStepsTest {
    /** In the long run (1 - α^(γ+1)) / (1 - α) tokens per step (Leviathan et al. 2023, arXiv 2211.17192). */
    @ParameterizedTest
    @CsvSource({"0.8, 4", "0.5, 2", "0.9, 7", "0, 3"})
    void shouldEmitInTheLongRunWhatIndependentAcceptanceSays(float rate, int length) {
        int width = 20_000;
        float[] kept = new float[length * width];
        Arrays.fill(kept, rate);

        var expected = VerifySteps.expected(kept, ones(width), length, width);

        assertThat(expected.tokens()).isEqualTo(width);
        assertThat(expected.tokens() / expected.steps())
                .isCloseTo((1 - Math.pow(rate, length + 1)) / (1 - rate), within(2e-3));
    }

    /** A draft of one token in a sequence of three rows: steps start at 0; at 1 with 1-a; at 2 with a + (1-a)(1-b). */
    @Test
    void shouldCountTheStartsOfASequenceOfThree() {
        float[] kept = {9, 0.75f, 0.5f, 0.25f, 9};
        float[] mask = {0, 1, 1, 1, 0};

        var expected = VerifySteps.expected(kept, mask, 1, 5);

        assertThat(expected.steps()).isCloseTo(1 + 0.25 + (0.75 + 0.25 * 0.5), within(1e-6));
        assertThat(expected.tokens()).isEqualTo(3);
    }

    @Test
    void shouldAddUpAndBeOneTokenAStepWithoutRows() {
        assertThat(new VerifySteps(4, 10).plus(new VerifySteps(1, 5))).isEqualTo(new VerifySteps(5, 15));
        assertThat(new VerifySteps(5, 15).acceptanceLength()).isEqualTo(3);
        assertThat(VerifySteps.NONE.acceptanceLength()).isEqualTo(1);
        assertThat(VerifySteps.expected(new float[6], new float[3], 2, 3).tokens())
                .isZero();
    }

    /** Against the mean over many sequences in which every acceptance is drawn. */
    @Test
    void shouldBeTheMeanOfDrawnAcceptances() {
        var random = new Random(7);
        int passes = 3;
        int width = 12;
        float[] kept = new float[passes * 2 * width];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = random.nextFloat();
        }
        float[] mask = new float[2 * width];
        Arrays.fill(mask, 2, 11, 1);
        Arrays.fill(mask, width, width + 5, 1);

        var expected = VerifySteps.expected(kept, mask, passes, width);

        int drawings = 200_000;
        long steps = 0;
        for (int i = 0; i < drawings; i++) {
            steps += drawn(kept, 2 * width, 2, 11, random) + drawn(kept, 2 * width, width, width + 5, random);
        }
        assertThat(expected.tokens()).isEqualTo(14);
        assertThat(expected.steps()).isCloseTo((double) steps / drawings, within(0.02));
    }

    private static int drawn(float[] kept, int rows, int from, int to, Random random) {
        int steps = 0;
        for (int row = from; row < to; ) {
            steps++;
            int accepted = 0;
            while (accepted < kept.length / rows && random.nextDouble() < kept[accepted * rows + row]) {
                accepted++;
            }
            row += accepted + 1;
        }
        return steps;
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
