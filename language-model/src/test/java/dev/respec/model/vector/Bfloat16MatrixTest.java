package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.checkpoint.HostTensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16MatrixTest {
    @ParameterizedTest
    @CsvSource({"70, 10, 1", "64, 32, 2", "1, 2, 3", "130, 6, 4", "70, 10, 5", "33, 8, 7", "70, 10, 13"})
    void shouldMultiplyRoundedWeights(int outputs, int inputs, int rows) {
        Random random = new Random(outputs);
        float[] weights = new float[outputs * inputs];
        float[] x = new float[rows * inputs];
        for (int i = 0; i < weights.length; i++) {
            // values that bfloat16 holds
            weights[i] = (random.nextInt(255) - 127) / 16f;
        }
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat(-1, 1);
        }
        // Given a matrix of two parts
        int first = outputs / 2;
        var matrix = new Bfloat16Matrix(outputs, inputs);
        matrix.set(new StackedRows(
                inputs,
                HostTensor.ofFloats(Arrays.copyOf(weights, first * inputs), first, inputs),
                HostTensor.ofFloats(
                        Arrays.copyOfRange(weights, first * inputs, weights.length), outputs - first, inputs)));
        float[] y = new float[rows * matrix.stride()];

        // When multiplied block by block, half the rows at a time
        for (int block = 0; block < matrix.blocks(); block++) {
            matrix.multiply(x, 0, rows / 2, y, block, block + 1);
            matrix.multiply(x, rows / 2, rows, y, block, block + 1);
        }

        // Then
        float[] own = new float[inputs];
        matrix.get(outputs - 1, own, 0);
        assertThat(own).isEqualTo(Arrays.copyOfRange(weights, (outputs - 1) * inputs, outputs * inputs));
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < outputs; output++) {
                double expected = 0;
                for (int i = 0; i < inputs; i++) {
                    expected += (double) weights[output * inputs + i] * x[row * inputs + i];
                }
                assertThat((double) y[row * matrix.stride() + output]).isCloseTo(expected, within(1e-4));
            }
        }
    }

    @Test
    void shouldRoundToTheNearestAndTiesToEven() {
        assertThat(rounded(1.00390625f)).isEqualTo(1f);
        assertThat(rounded(1.01171875f)).isEqualTo(1.015625f);
        assertThat(rounded(1.005f)).isEqualTo(1.0078125f);
        assertThat(rounded(-3.3895314e38f)).isEqualTo(-3.3895314e38f);
        assertThat(rounded(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(rounded(Float.NaN)).isNaN();
    }

    @Test
    void shouldRefuseOddInputs() {
        assertThatThrownBy(() -> new Bfloat16Matrix(4, 3)).hasMessageContaining("pairs, got 3");
    }

    private static float rounded(float value) {
        return Float.intBitsToFloat(Bfloat16Matrix.rounded(value));
    }
}
