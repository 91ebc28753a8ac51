package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.SampledRows;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.TokenDistribution;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel of an accelerator, run on the processor, against values that transformers computed. */
class DeviceDecoderTest {
    private static final int CAPACITY = 40;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen2-tiny-untied", "qwen3-tiny", "llama-tiny", "llama3-rope-tiny"})
    void shouldMatchReferenceLogitsWhicheverWayTokensArrive(String name) {
        SafetensorsFile expected = expected(name);
        int[][] ids = rows(expected.tensor("input_ids"));
        float[] logits = expected.tensor("logits").toFloats();
        int length = ids[0].length;
        try (TargetModel model = load(name, ComputeType.FLOAT32, new int[0])) {
            // Given two sequences, the first ahead of the second, and at last a single token alone
            TokenGrid grid = new TokenGrid();
            int[][] cuts = {{0, 5, 6, length - 1}, {0, 2, 6, length - 1}};
            for (int step = 0; step + 1 < cuts[0].length; step++) {
                grid.clear();
                for (int row = 0; row < 2; row++) {
                    grid.begin(cuts[row][step]);
                    grid.add(ids[row], cuts[row][step], cuts[row][step + 1] - cuts[row][step]);
                }
                // When
                Logits actual = model.step(1, grid);
                // Then
                int at = 0;
                for (int row = 0; row < 2; row++) {
                    for (int i = cuts[row][step]; i < cuts[row][step + 1]; i++) {
                        assertRow(actual, at++, logits, row * length + i);
                    }
                }
            }
            grid.clear();
            grid.begin(length - 1);
            grid.add(ids[1][length - 1]);
            assertRow(model.step(2, grid), 0, logits, 2 * length - 1);
        }
    }

    @Test
    void shouldAttendInATreeAsAlongItsPathsAndMoveTheAcceptedOne() {
        String name = "qwen2-tiny";
        int[] ids = rows(expected(name).tensor("input_ids"))[0];
        float[] logits = expected(name).tensor("logits").toFloats();
        try (TargetModel model = load(name, ComputeType.FLOAT32, new int[0])) {
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(ids, 0, 3);
            model.prefill(0, grid);
            // Given a tree whose second branch is the text
            grid.clear();
            grid.begin(3);
            grid.addNode(ids[3], -1);
            grid.addNode(ids[3] + 1, 0);
            grid.addNode(ids[4], 0);
            grid.addNode(ids[5], 2);
            Logits tree = model.step(0, grid);
            assertRow(tree, 0, logits, 3);
            assertRow(tree, 2, logits, 4);
            assertRow(tree, 3, logits, 5);
            // When its columns move behind the root's
            model.moveColumns(new long[] {0, 0}, new long[] {5, 6}, new long[] {4, 5});
            grid.clear();
            grid.begin(6);
            grid.add(ids[6]);
            // Then the text goes on
            assertRow(model.step(0, grid), 0, logits, 6);
        }
    }

    @Test
    void shouldKeepFeaturesAndCopySlots() {
        String name = "qwen2-tiny";
        int[] ids = rows(expected(name).tensor("input_ids"))[1];
        try (TargetModel model = load(name, ComputeType.FLOAT32, new int[] {0, 1});
                NDManager scope = model.manager().newSubManager()) {
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(ids, 0, ids.length);
            model.prefill(0, grid);
            model.copySlot(0, 1, ids.length);
            float[] features =
                    model.features(scope, new long[] {1, 0}, new long[] {3, 5}).values();
            int hidden = model.config().hiddenSize();
            for (int part = 0; part < 2; part++) {
                float[] states = expected(name).tensor("hidden_states." + part).toFloats();
                for (int i = 0; i < hidden; i++) {
                    assertThat(features[part * hidden + i])
                            .isCloseTo(states[(ids.length + 3) * hidden + i], within(1e-4f));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLOAT32", "BFLOAT16"})
    void shouldDrawFromEveryRowWhatItsLogitsGive(ComputeType type) {
        String name = "qwen2-tiny";
        int[] ids = rows(expected(name).tensor("input_ids"))[0];
        Random random = new Random(5);
        try (TargetModel model = load(name, type, new int[0])) {
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(ids, 0, ids.length);
            Logits logits = model.step(0, grid);
            TokenDistribution distribution = new TokenDistribution(logits.vocabularySize());
            for (double temperature : new double[] {0, 0.7, 1, 1.6}) {
                double[] draws = new double[2 * ids.length];
                for (int row = 0; row < ids.length; row++) {
                    draws[row] = temperature == 0 ? 0 : 1 / temperature;
                    draws[ids.length + row] = row == 0 ? 0 : row == 1 ? 0x1.fffffffffffffp-1 : random.nextDouble();
                }
                // When
                SampledRows rows = model.sample(0, grid, draws);
                // Then
                for (int row = 0; row < ids.length; row++) {
                    SamplingOptions options = SamplingOptions.atTemperature(temperature);
                    distribution.load(logits.values(), row * logits.vocabularySize(), options);
                    int token = rows.tokens()[row];
                    assertThat(token)
                            .isEqualTo(
                                    temperature == 0
                                            ? distribution.argmax()
                                            : distribution.sample(draws[ids.length + row]));
                    assertThat(rows.logProbabilities()[row])
                            .isCloseTo(distribution.logProbability(token), within(1e-5f));
                }
            }
        }
    }

    private static TargetModel load(String name, ComputeType type, int[] features) {
        return TargetModel.load(
                Checkpoint.read(Golden.path("hf-models/" + name)),
                3,
                CAPACITY,
                type,
                features,
                TargetModel.Kernels.DEVICE);
    }

    private static SafetensorsFile expected(String name) {
        return Safetensors.open(Golden.path("hf-models/" + name + "/expected.safetensors"));
    }

    private static int[][] rows(HostTensor ids) {
        int length = (int) ids.shape()[1];
        int[][] rows = new int[(int) ids.shape()[0]][length];
        long[] flat = ids.toLongs();
        for (int i = 0; i < flat.length; i++) {
            rows[i / length][i % length] = (int) flat[i];
        }
        return rows;
    }

    private static void assertRow(Logits actual, int row, float[] expected, int expectedRow) {
        float[] logits = actual.row(row);
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isCloseTo(expected[expectedRow * logits.length + i], within(1e-4f));
        }
    }
}
