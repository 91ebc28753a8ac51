package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the same formulas in double. */
class LanesTest {
    private final Random random = new Random(3);

    @Test
    void shouldComputeASoftmaxWhateverIsHidden() {
        int count = 3 * Lanes.COUNT;
        float[] scores = new float[count + 5];
        for (int i = 0; i < count; i++) {
            scores[5 + i] = i % 7 == 0 ? Float.NEGATIVE_INFINITY : random.nextFloat(-80, 40);
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, scores[5 + i]);
        }
        double[] expected = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++) {
            expected[i] = Math.exp(scores[5 + i] - largest);
            total += expected[i];
        }

        float sum = Lanes.exponentials(scores, 5, count);

        assertThat(sum).isCloseTo((float) total, within((float) total * 1e-6f));
        for (int i = 0; i < count; i++) {
            // the difference is rounded before it is raised
            double relative = 1.2e-7 * (2 - Math.log(Math.max(expected[i], 1e-38)));
            assertThat((double) scores[5 + i]).isCloseTo(expected[i], within(relative * expected[i] + 2e-38));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 24, 37, 96})
    void shouldNormaliseAndGate(int count) {
        float[] x = floats(2 * count, 4);
        float[] weight = floats(count, 2);
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (double) x[i] * x[i];
        }
        float[] y = new float[count + 3];
        Lanes.rmsNorm(x, 0, weight, 1e-6, y, 3);
        for (int i = 0; i < count; i++) {
            double expected = x[i] * weight[i] / Math.sqrt(squares / count + 1e-6);
            assertThat((double) y[3 + i]).isCloseTo(expected, within(1e-5));
        }

        Lanes.gatedSilu(x, 0, count, y, 3);
        for (int i = 0; i < count; i++) {
            double expected = x[i] / (1 + Math.exp(-x[i])) * x[count + i];
            assertThat((double) y[3 + i]).isCloseTo(expected, within(1e-5));
        }

        float[] sum = x.clone();
        Lanes.add(sum, count, x, 0, count);
        for (int i = 0; i < count; i++) {
            assertThat(sum[count + i]).isEqualTo(x[count + i] + x[i]);
        }
    }

    private float[] floats(int count, float range) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat(-range, range);
        }
        return values;
    }
}
