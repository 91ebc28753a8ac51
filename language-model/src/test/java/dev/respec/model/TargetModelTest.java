package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against values that transformers computed, see golden/hf-models. */
class TargetModelTest {
    private static final int CAPACITY = 40;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen2-old-config",
                "qwen3-sharded",
                "qwen2-tiny",
                "qwen2-tiny-untied",
                "qwen3-tiny",
                "llama-tiny",
                "llama3-rope-tiny"
            })
    void shouldMatchReferenceLogitsWhicheverWayTokensArrive(String name) {
        SafetensorsFile expected = expected(name);
        int[][] ids = rows(expected.tensor("input_ids"));
        float[] logits = expected.tensor("logits").toFloats();
        int length = ids[0].length;
        try (TargetModel model = load(name, ComputeType.FLOAT32)) {
            // Given two sequences in slots 1 and 2, the first ahead of the second
            TokenGrid grid = new TokenGrid();
            int[][] cuts = {{0, 5, 6, length}, {0, 2, 6, length}};
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
                        assertRow(actual, at++, logits, row * length + i, 1e-4f);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen3-tiny", "llama-tiny", "llama3-rope-tiny", "qwen3-sharded"})
    void shouldDecodeGreedilyAsReference(String name) {
        int[] reference = rows(expected(name).tensor("greedy"))[0];
        int prompt = reference.length - 24;
        try (TargetModel model = load(name, ComputeType.FLOAT32)) {
            int[] tokens = Arrays.copyOf(reference, prompt);
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(tokens, 0, prompt - 1);
            model.prefill(0, grid);
            while (tokens.length < reference.length) {
                grid.clear();
                grid.begin(tokens.length - 1);
                grid.add(tokens[tokens.length - 1]);
                float[] row = model.step(0, grid).row(0);
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                tokens[tokens.length - 1] = argmax(row);
            }
            assertThat(tokens).isEqualTo(reference);
        }
    }

    @Test
    void shouldOverwriteRejectedColumnsAndCopySlots() {
        String name = "qwen2-tiny";
        int[] ids = rows(expected(name).tensor("input_ids"))[0];
        float[] logits = expected(name).tensor("logits").toFloats();
        try (TargetModel model = load(name, ComputeType.FLOAT32)) {
            TokenGrid grid = new TokenGrid();
            // Given columns 4 to 7 filled with tokens that were not accepted
            grid.begin(0);
            grid.add(ids, 0, 4);
            grid.add(new int[] {7, 7, 7, 7}, 0, 4);
            model.prefill(0, grid);
            model.copySlot(0, 2, 4);

            // When the right ones follow, in the slot and in its copy
            for (int slot : new int[] {0, 2}) {
                grid.clear();
                grid.begin(4);
                grid.add(ids, 4, 3);
                Logits actual = model.step(slot, grid);
                // Then nothing of the rejected tokens is left
                for (int i = 0; i < 3; i++) {
                    assertRow(actual, i, logits, 4 + i, 1e-4f);
                }
            }
        }
    }

    @Test
    void shouldKeepFeaturesOfTheLayersAskedFor() {
        String name = "qwen2-tiny";
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/" + name));
        int[] ids = rows(expected(name).tensor("input_ids"))[1];
        try (TargetModel model = TargetModel.load(checkpoint, 2, CAPACITY, ComputeType.FLOAT32, new int[] {0, 1});
                NDManager scope = model.manager().newSubManager()) {
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(ids, 0, ids.length);
            model.prefill(0, grid);
            model.copySlot(0, 1, ids.length);
            float[] features =
                    model.features(scope, new long[] {1, 0}, new long[] {3, 5}).values();
            int hidden = checkpoint.config().hiddenSize();
            for (int part = 0; part < 2; part++) {
                float[] states = expected(name).tensor("hidden_states." + part).toFloats();
                for (int i = 0; i < hidden; i++) {
                    assertThat(features[part * hidden + i])
                            .isCloseTo(states[(ids.length + 3) * hidden + i], within(1e-4f));
                    assertThat(features[(2 + part) * hidden + i])
                            .isCloseTo(states[(ids.length + 5) * hidden + i], within(1e-4f));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TargetModel.Kernels.class)
    void shouldStayCloseInBfloat16(TargetModel.Kernels kernels) {
        String name = "qwen2-tiny";
        int[] ids = rows(expected(name).tensor("input_ids"))[0];
        float[] logits = expected(name).tensor("logits").toFloats();
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/" + name));
        try (TargetModel model = TargetModel.load(checkpoint, 3, CAPACITY, ComputeType.BFLOAT16, new int[0], kernels)) {
            assertThat(model.usesVectors())
                    .isEqualTo(kernels == TargetModel.Kernels.FASTEST || kernels == TargetModel.Kernels.PORTABLE);
            TokenGrid grid = new TokenGrid();
            grid.begin(0);
            grid.add(ids, 0, ids.length);
            Logits actual = model.step(0, grid);
            float largest = 0;
            for (float value : logits) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < ids.length; i++) {
                // eight bits of mantissa over a few layers: a few hundredths of the largest logit
                assertRow(actual, i, logits, i, 0.05f * largest);
            }
        }
    }

    @Test
    void shouldRefuseStepsBeyondTheCache() {
        try (TargetModel model = load("qwen2-tiny", ComputeType.FLOAT32)) {
            TokenGrid grid = new TokenGrid();
            grid.begin(CAPACITY - 1);
            grid.add(new int[] {1, 2}, 0, 2);
            assertThatThrownBy(() -> model.step(0, grid)).hasMessageContaining("exceeds the cache of 3 slots of 40");
        }
    }

    private static TargetModel load(String name, ComputeType type) {
        return TargetModel.load(Checkpoint.read(Golden.path("hf-models/" + name)), 3, CAPACITY, type, new int[0]);
    }

    private static SafetensorsFile expected(String name) {
        Path file = Golden.path("hf-models/" + name).resolve("expected.safetensors");
        return Safetensors.open(file);
    }

    private static int[][] rows(HostTensor ids) {
        long[] shape = ids.shape();
        int width = (int) shape[shape.length - 1];
        long[] values = ids.toLongs();
        int[][] rows = new int[values.length / width][width];
        for (int i = 0; i < values.length; i++) {
            rows[i / width][i % width] = (int) values[i];
        }
        return rows;
    }

    private static int argmax(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    private static void assertRow(Logits actual, int row, float[] expected, int expectedRow, float tolerance) {
        int width = actual.vocabularySize();
        assertThat(actual.row(row))
                .containsExactly(
                        Arrays.copyOfRange(expected, expectedRow * width, (expectedRow + 1) * width),
                        within(tolerance));
    }
}
