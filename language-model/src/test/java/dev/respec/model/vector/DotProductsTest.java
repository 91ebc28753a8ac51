package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.machine.MachineCode;
import dev.respec.model.machine.NativeArena;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machine code against sums in double precision of the same rounded numbers. */
class DotProductsTest {
    private final Random random = new Random(11);
    private final NativeArena arena = new NativeArena();

    @BeforeEach
    void onlyWithTheInstructions() {
        assumeTrue(MachineCode.available(), "this processor has no dot products of bfloat16");
    }

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 2, 1",
        "16, 32, 1, 2",
        "40, 48, 3, 1",
        "70, 33, 20, 2",
        "100, 576, 30, 2",
        "33, 64, 31, 3",
        "48, 96, 57, 2",
        "20, 40, 128, 1"
    })
    void shouldMultiplyRoundedRowsAndWeights(int outputs, int inputs, int count, int threads) {
        var rows = new DotRows(inputs);
        var projection = new DotProjection(outputs, rows, Team.of(threads), arena);
        float[] weights = values(outputs * inputs);
        int first = outputs / 2 * inputs;
        projection.adopt(
                matrix(Arrays.copyOf(weights, first), inputs),
                matrix(Arrays.copyOfRange(weights, first, weights.length), inputs));
        float[] own = new float[inputs];
        for (int output = 0; output < outputs; output++) {
            projection.weights(output, own, 0);
            for (int i = 0; i < inputs; i++) {
                assertThat(own[i]).isEqualTo(rounded(weights[output * inputs + i]));
            }
        }
        float[] x = values(count * inputs);
        rows.reserve(count);
        for (int row = 0; row < count; row++) {
            rows.put(row, x, row * inputs);
        }
        float[] y = new float[count * projection.stride()];
        float[] sums = new float[count * outputs];
        Arrays.fill(sums, 3);

        projection.apply(count, y);
        projection.addTo(count, sums);

        for (int row = 0; row < count; row++) {
            for (int output = 0; output < outputs; output++) {
                double expected = 0;
                for (int i = 0; i < inputs; i++) {
                    expected += (double) rounded(weights[output * inputs + i]) * rounded(x[row * inputs + i]);
                }
                assertThat((double) y[row * projection.stride() + output]).isCloseTo(expected, within(1e-4));
                assertThat((double) sums[row * outputs + output]).isCloseTo(expected + 3, within(1e-4));
            }
        }
    }

    @Test
    void shouldGiveARowTheSameBitsWhateverIsBesideIt() {
        int inputs = 96;
        var rows = new DotRows(inputs);
        var projection = new DotProjection(64, rows, Team.of(2), arena);
        projection.adopt(matrix(values(64 * inputs), inputs));
        float[] x = values(inputs);
        float[] alone = new float[64];
        rows.reserve(1);
        rows.put(0, x, 0);
        projection.apply(1, alone);
        for (int count : new int[] {2, 7, 29, 30, 31, 64}) {
            rows.reserve(count);
            float[] others = values(inputs);
            for (int row = 0; row < count; row++) {
                rows.put(row, row == count / 2 ? x : others, 0);
            }
            float[] y = new float[count * 64];
            projection.apply(count, y);
            assertThat(Arrays.copyOfRange(y, count / 2 * 64, count / 2 * 64 + 64))
                    .containsExactly(alone);
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 16, 1", "24, 40, 5", "64, 96, 33"})
    void shouldFeedForward(int hidden, int width, int count) {
        double epsilon = 1e-5;
        var normed = new DotRows(hidden);
        var activated = new DotRows(width);
        var layer = new DotFeedForward(normed, activated, epsilon, Team.of(2), arena);
        float[] norm = values(hidden);
        float[] gate = values(width * hidden);
        float[] up = values(width * hidden);
        float[] down = values(hidden * width);
        layer.adopt(norm, matrix(gate, hidden), matrix(up, hidden), matrix(down, width));
        float[] residual = values(count * hidden);
        float[] before = residual.clone();
        normed.reserve(count);
        activated.reserve(count);

        layer.apply(residual, count);

        for (int row = 0; row < count; row++) {
            double squares = 0;
            for (int i = 0; i < hidden; i++) {
                squares += (double) before[row * hidden + i] * before[row * hidden + i];
            }
            float[] x = new float[hidden];
            for (int i = 0; i < hidden; i++) {
                x[i] = rounded((float) (before[row * hidden + i] * norm[i] / Math.sqrt(squares / hidden + epsilon)));
            }
            float[] active = new float[width];
            for (int i = 0; i < width; i++) {
                double g = dot(gate, i, x);
                active[i] = rounded((float) (g / (1 + Math.exp(-g)) * dot(up, i, x)));
            }
            for (int i = 0; i < hidden; i++) {
                // a value in the middle between two of bfloat16 may be rounded the other way
                assertThat((double) residual[row * hidden + i])
                        .isCloseTo(before[row * hidden + i] + dot(down, i, active), within(0.03));
            }
        }
    }

    @Test
    void shouldRoundWhileItPacksAsAnywhere() {
        float[] x = {1.00390625f, 1.01171875f, 1.005f, -3.3895314e38f, Float.NEGATIVE_INFINITY, Float.NaN, -0f, 1e-30f};
        float[] row = Arrays.copyOf(x, 40);
        int[] pairs = new int[32];
        Lanes.pack(row, 0, 40, pairs, 0);
        for (int i = 0; i < x.length; i++) {
            assertThat(pairs[i] << 16).isEqualTo(Bfloat16Matrix.rounded(x[i]));
        }
    }

    @Test
    void shouldRefuseOtherWeights() {
        var projection = new DotProjection(4, new DotRows(8), Team.of(1), arena);
        assertThatThrownBy(() -> projection.adopt(matrix(new float[24], 8)))
                .hasMessageContaining("expected 4 rows of weights, got [FLOAT32[3, 8]]");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "1, 3"})
    void shouldLookUpEmbeddings(int threads, int width) {
        int rows = 2_000_003 / width;
        float[] values = values(rows * width);
        try (var products = Products.of(Team.of(threads), Arithmetic.FASTEST)) {
            var table = new EmbeddingTable(rows, width, products);
            table.adopt(matrix(values, width), Team.of(threads));
            float[] row = new float[width];
            for (int i : new int[] {0, 1, rows / 2, rows - 1}) {
                table.read(i, row, 0);
                for (int j = 0; j < width; j++) {
                    assertThat(row[j]).isEqualTo(rounded(values[i * width + j]));
                }
            }
            table.close();
            assertThatThrownBy(() -> table.read(0, row, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static HostTensor matrix(float[] values, int inputs) {
        return HostTensor.ofFloats(values, values.length / inputs, inputs);
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextFloat() - 0.5f) * 0.6f;
        }
        return values;
    }

    private static double dot(float[] matrix, int row, float[] x) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) rounded(matrix[row * x.length + i]) * x[i];
        }
        return sum;
    }

    private static float rounded(float value) {
        return Float.intBitsToFloat(Bfloat16Matrix.rounded(value));
    }
}
