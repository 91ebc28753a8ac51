package dev.respec.model.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.machine.ProductKernel.Panels;
import dev.respec.model.machine.ProductKernel.Size;
import dev.respec.model.machine.ProductKernel.Strides;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the formulas, in double precision. */
class TrainingKernelsTest {
    private static final int FLOAT = Float.BYTES;

    private final Random random = new Random(17);
    private final CallList calls = new CallList();

    @BeforeEach
    void needInstructions() {
        assumeTrue(MachineCode.available());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "12, 32, 7",
        "13, 33, 24",
        "25, 24, 48",
        "48, 112, 24",
        "96, 256, 100",
        "11, 47, 3",
        "200, 16, 130",
        "5, 96, 256"
    })
    void shouldMultiplyWhateverTheWayMatricesLie(int rows, int columns, int depth) {
        float[] left = randoms(rows * depth);
        float[] right = randoms(depth * columns);
        float[] begun = randoms(rows * columns);
        double[] products = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < depth; k++) {
                    products[i * columns + j] += (double) left[i * depth + k] * right[k * columns + j];
                }
            }
        }
        Size size = new Size(rows, columns, depth);
        NativeFloats leftRows = natives(left);
        NativeFloats leftColumns = natives(transposed(left, rows, depth));
        NativeFloats rightRows = natives(right);
        NativeFloats result = natives(begun);
        NativeFloats start = natives(begun);
        Panels panels = Panels.of(rightRows.address());
        int row = columns * FLOAT;

        // When from zero
        var plain = new ProductKernel(new Strides(depth * FLOAT, FLOAT, row, row, ProductKernel.FROM_ZERO));
        plain.multiply(calls, size, leftRows.address(), panels, result.address(), 0);
        calls.run();
        // Then
        assertClose(result, i -> products[i], products.length);

        // When added to what is there, the left side transposed
        var adding = new ProductKernel(new Strides(FLOAT, rows * FLOAT, row, row, row));
        adding.multiply(calls, size, leftColumns.address(), panels, start.address(), start.address());
        calls.run();
        // Then
        assertClose(start, i -> begun[i] + products[i], products.length);

        // When every row begins with the same one, the right side in panels of its transposed
        NativeFloats rightColumns = natives(transposed(right, depth, columns));
        NativeFloats packed = new NativeFloats();
        packed.reserve((columns + ProductKernel.PANEL) * depth);
        var transpose = new TransposeKernel(depth * FLOAT, ProductKernel.PANEL_BYTES);
        for (int column = 0; column < columns; column += ProductKernel.PANEL) {
            transpose.transpose(
                    calls,
                    Math.min(ProductKernel.PANEL, columns - column),
                    depth,
                    rightColumns.address() + (long) column * depth * FLOAT,
                    packed.address() + (long) column * depth * FLOAT);
        }
        var biased = new ProductKernel(new Strides(depth * FLOAT, FLOAT, ProductKernel.PANEL_BYTES, row, 0));
        Panels packs = new Panels(packed.address(), (long) depth * ProductKernel.PANEL_BYTES);
        NativeFloats bias = natives(begun);
        biased.multiply(calls, size, leftRows.address(), packs, result.address(), bias.address());
        calls.run();
        // Then
        assertClose(result, i -> begun[i % columns] + products[i], products.length);
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "32, 48", "5, 3", "37, 24", "128, 25", "1, 100"})
    void shouldTransposeAndFillRowsWithZeros(int rows, int columns) {
        float[] matrix = randoms(rows * columns);
        int whole = (rows + 15) / 16 * 16;
        NativeFloats from = natives(matrix);
        NativeFloats to = natives(randoms(columns * whole));

        new TransposeKernel(columns * FLOAT, whole * FLOAT)
                .transpose(calls, rows, columns, from.address(), to.address());
        calls.run();

        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < whole; row++) {
                float expected = row < rows ? matrix[row * columns + column] : 0;
                assertThat(to.floats().get(column * whole + row)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"96, 3", "40, 2", "7, 1", "16, 5", "250, 2"})
    void shouldNormaliseAndDifferentiate(int width, int rows) {
        double epsilon = 1e-3;
        float[] x = randoms(rows * width);
        float[] weight = randoms(width);
        float[] ofY = randoms(rows * width);
        float[] ofX = randoms(rows * width);
        float[] ofWeight = randoms(width);
        double[] y = new double[rows * width];
        double[] expectedOfX = doubles(ofX);
        double[] expectedOfWeight = doubles(ofWeight);
        for (int row = 0; row < rows; row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += Math.pow(x[row * width + i], 2);
            }
            double root = Math.sqrt(squares / width + epsilon);
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                y[at] = weight[i] * x[at] / root;
                expectedOfWeight[i] += ofY[at] * x[at] / root;
                for (int j = 0; j < width; j++) {
                    // d y_j / d x_i = w_j (d_ij / root - x_j x_i / (n root^3))
                    int other = row * width + j;
                    double slope = -x[other] * (double) x[at] / (width * Math.pow(root, 3)) + (i == j ? 1 / root : 0);
                    expectedOfX[at] += ofY[other] * weight[j] * slope;
                }
            }
        }
        NativeFloats inputs = natives(x);
        NativeFloats weights = natives(weight);
        NativeFloats outputs = natives(new float[rows * width]);
        NativeFloats ofInputs = natives(ofX);
        NativeFloats ofWeights = natives(ofWeight);
        NativeFloats ofOutputs = natives(ofY);
        var kernel = new NormKernel(width, epsilon);

        kernel.forward(calls, rows, inputs.address(), weights.address(), outputs.address());
        calls.run();
        assertClose(outputs, i -> y[i], y.length);

        outputs.floats().put(0, new float[rows * width]);
        var gradients = new NormKernel.Gradients(ofOutputs.address(), ofInputs.address(), ofWeights.address());
        kernel.backward(calls, rows, inputs.address(), weights.address(), outputs.address(), gradients);
        calls.run();
        assertClose(outputs, i -> y[i], y.length);
        assertClose(ofInputs, i -> expectedOfX[i], expectedOfX.length);
        assertClose(ofWeights, i -> expectedOfWeight[i], width);
    }

    @ParameterizedTest
    @CsvSource({"4, 24", "3, 16", "2, 64", "5, 6"})
    void shouldTurnThereAndBack(int heads, int dimension) {
        int rows = 3;
        int width = heads * dimension + 5;
        int half = dimension / 2;
        float[] values = randoms(rows * width);
        float[] angles = randoms(rows * half);
        double[] expected = doubles(values);
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < half; i++) {
                    int first = row * width + head * dimension + i;
                    double angle = angles[row * half + i];
                    double a = values[first];
                    double b = values[first + half];
                    expected[first] = a * Math.cos(angle) - b * Math.sin(angle);
                    expected[first + half] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
        }
        NativeFloats turned = natives(values);
        NativeFloats cosines = natives(floats(angles.length, i -> Math.cos(angles[i])));
        NativeFloats sines = natives(floats(angles.length, i -> Math.sin(angles[i])));
        var kernel = new TurnKernel(heads, dimension, width * FLOAT);

        kernel.forward(calls, rows, turned.address(), cosines.address(), sines.address());
        calls.run();
        assertClose(turned, i -> expected[i], expected.length);

        kernel.backward(calls, rows, turned.address(), cosines.address(), sines.address());
        calls.run();
        assertClose(turned, i -> values[i], values.length);
    }

    @ParameterizedTest
    @CsvSource({"256, 3", "56, 2", "9, 4", "16, 1"})
    void shouldGateAndDifferentiate(int width, int rows) {
        float[] doors = randoms(rows * 2 * width);
        for (int i = 0; i < doors.length; i += 3) {
            // far from where the sigmoid changes, both ways
            doors[i] *= 60;
        }
        float[] ofGated = randoms(rows * width);
        double[] gated = new double[rows * width];
        double[] ofDoors = new double[doors.length];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                double gate = doors[row * 2 * width + i];
                double up = doors[row * 2 * width + width + i];
                double sigmoid = 1 / (1 + Math.exp(-gate));
                gated[at] = gate * sigmoid * up;
                ofDoors[row * 2 * width + i] = ofGated[at] * up * sigmoid * (1 + gate * (1 - sigmoid));
                ofDoors[row * 2 * width + width + i] = ofGated[at] * gate * sigmoid;
            }
        }
        NativeFloats in = natives(doors);
        NativeFloats out = natives(new float[rows * width]);
        NativeFloats ofOut = natives(ofGated);
        NativeFloats ofIn = natives(new float[doors.length]);
        var kernel = new SwiGluKernel(width);

        kernel.forward(calls, rows, in.address(), out.address());
        calls.run();
        assertClose(out, i -> gated[i], gated.length);

        out.floats().put(0, new float[rows * width]);
        kernel.backward(calls, rows, in.address(), out.address(), ofOut.address(), ofIn.address());
        calls.run();
        assertClose(out, i -> gated[i], gated.length);
        assertClose(ofIn, i -> ofDoors[i], ofDoors.length);
    }

    @ParameterizedTest
    @CsvSource({"48, 1", "30, 49", "1, 1", "5, 1020"})
    void shouldTakeTheSoftmaxOfWhatIsSeenAndDifferentiate(int rows, int first) {
        int columns = (first + rows - 1 + 15) / 16 * 16;
        double factor = 0.7;
        float[] scores = floats(rows * columns, i -> 8 * random.nextGaussian());
        float[] ofSoftmax = randoms(rows * columns);
        double[] softmax = new double[rows * columns];
        double[] ofScores = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            int at = row * columns;
            // what is not seen is larger than what is, and must not matter
            for (int column = first + row; column < columns; column++) {
                scores[at + column] = 500;
            }
            int seen = first + row;
            double total = IntStream.range(at, at + seen)
                    .mapToDouble(i -> Math.exp(factor * scores[i]))
                    .sum();
            double along = 0;
            for (int i = at; i < at + seen; i++) {
                softmax[i] = Math.exp(factor * scores[i]) / total;
                along += softmax[i] * ofSoftmax[i];
            }
            for (int i = at; i < at + seen; i++) {
                ofScores[i] = factor * softmax[i] * (ofSoftmax[i] - along);
            }
        }
        NativeFloats values = natives(scores);
        NativeFloats gradients = natives(ofSoftmax);
        NativeFloats kept = natives(new float[2 * rows]);
        var kernel = new CausalSoftmaxKernel(columns * FLOAT, (float) factor);
        var block = new CausalSoftmaxKernel.Block(rows, first, columns, values.address(), kept.address());

        kernel.forward(calls, block);
        calls.run();
        assertClose(values, i -> softmax[i], softmax.length);

        values.floats().put(0, scores);
        kernel.backward(calls, block, gradients.address());
        calls.run();
        assertClose(values, i -> softmax[i], softmax.length);
        assertClose(gradients, i -> ofScores[i], ofScores.length);
    }

    @Test
    void shouldMakeAnyNumberOfCallsInTheirOrder() {
        NativeFloats value = natives(new float[] {0});
        NativeFloats one = natives(new float[] {1});
        var adding = new ProductKernel(new Strides(FLOAT, FLOAT, FLOAT, FLOAT, FLOAT));
        for (int i = 0; i < 1000; i++) {
            adding.multiply(
                    calls,
                    new Size(1, 1, 1),
                    one.address(),
                    Panels.of(one.address()),
                    value.address(),
                    value.address());
        }
        calls.run();
        calls.run();

        assertThat(value.floats().get(0)).isEqualTo(1000);
    }

    private interface Values {
        double at(int index);
    }

    private static void assertClose(NativeFloats actual, Values expected, int count) {
        for (int i = 0; i < count; i++) {
            double value = expected.at(i);
            assertThat((double) actual.floats().get(i))
                    .as("number %d", i)
                    .isCloseTo(value, within(2e-5 + 1e-5 * Math.abs(value)));
        }
    }

    private float[] randoms(int count) {
        return floats(count, i -> random.nextGaussian());
    }

    private static float[] floats(int count, Values values) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) values.at(i);
        }
        return floats;
    }

    private static double[] doubles(float[] floats) {
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    private static float[] transposed(float[] matrix, int rows, int columns) {
        return floats(matrix.length, i -> matrix[i % rows * columns + i / rows]);
    }

    private static NativeFloats natives(float[] values) {
        NativeFloats natives = new NativeFloats();
        natives.reserve(values.length);
        natives.floats().put(0, values);
        return natives;
    }
}
