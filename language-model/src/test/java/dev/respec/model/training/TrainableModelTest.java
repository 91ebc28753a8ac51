package dev.respec.model.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against values that transformers computed, see golden/hf-models. */
class TrainableModelTest {
    private static final int IGNORED_LABELS = 4;

    @ParameterizedTest
    @CsvSource({
        "qwen2-old-config, false",
        "qwen3-sharded, false",
        "qwen2-tiny, false",
        "qwen2-tiny-untied, false",
        "qwen3-tiny, false",
        "llama-tiny, false",
        "llama3-rope-tiny, false",
        "qwen2-tiny, true",
        "qwen2-tiny-untied, true",
        "qwen3-tiny, true",
        "llama3-rope-tiny, true"
    })
    void shouldMatchReferenceLossAndGradients(String name, boolean recomputing) {
        Path directory = Golden.path("hf-models/" + name);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        try (TrainableModel model = TrainableModel.load(Checkpoint.read(directory), 2)) {
            if (recomputing) {
                model.recomputeActivations();
            }
            // Given the rows split where the labels begin to count
            TokenBatch batch = batch(expected.tensor("input_ids"));
            float scale = -1f / batch.responseTokenCount();

            // When
            double[] loss = new double[1];
            model.forwardBackward(batch, (firstRow, logProbabilities, out) -> {
                for (int row = 0; row < out.length; row++) {
                    for (int i = 0; i < out[row].length; i++) {
                        loss[0] += scale * logProbabilities[row][i];
                        out[row][i] = scale;
                    }
                }
            });

            // Then
            assertThat(loss[0]).isCloseTo(expected.tensor("loss").toFloats()[0], within(1e-5));
            assertGradients(model.gradients(), expected);
        }
    }

    @Test
    void shouldAddUpOverMicroBatchesWhenActivationsAreRecomputed() {
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/qwen3-tiny"));
        SafetensorsFile expected = Safetensors.open(Golden.path("hf-models/qwen3-tiny/expected.safetensors"));
        TokenBatch batch = batch(expected.tensor("input_ids"));
        try (TrainableModel kept = TrainableModel.load(checkpoint, 1);
                TrainableModel recomputed = TrainableModel.load(checkpoint, 1)) {
            recomputed.recomputeActivations();
            for (TrainableModel model : List.of(kept, recomputed)) {
                for (int micro = 1; micro <= 2; micro++) {
                    float share = 0.1f * micro;
                    model.forwardBackward(batch, (firstRow, logProbabilities, out) -> {
                        for (float[] row : out) {
                            Arrays.fill(row, share);
                        }
                    });
                    model.logProbabilities(batch);
                }
            }
            kept.gradients()
                    .forEach((name, tensor) -> assertClose(
                            name,
                            requireNonNull(recomputed.gradients().get(name)).toFloats(),
                            tensor.toFloats()));
            AdamWSettings settings = new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0.01, 1.0);
            double norm = kept.step(settings);
            assertThat(recomputed.step(settings)).isCloseTo(norm, within(1e-5 * norm));
        }
    }

    /** Sequences of one, several and parts of the blocks that machine code works in; prompts alone and shared. */
    @ParameterizedTest
    @CsvSource({"1, 3", "6, 8", "9, 40", "12, 64", "8, 131", "5, 300", "2, 1000", "1, 1024"})
    void shouldComputeInMachineCodeWhatTheNativeLibraryComputes(int rows, int longest) {
        ModelConfig config = ModelConfig.qwen2(22, 96, 256, 2, 4, 2, 1024, List.of(1));
        Checkpoint checkpoint = Checkpoint.random(config, 3, 0.2, 1.0);
        assumeTrue(MachineLayers.supports(config));
        TokenBatch batch = randomBatch(rows, longest, config.vocabularySize());
        try (TrainableModel model = TrainableModel.load(checkpoint, 1);
                TrainableKernel kernel = new TrainableKernel(config, TrainableKernel.Layers.WRITTEN_OUT)) {
            TrainedTensors trained = TrainedTensors.ofWeights(kernel, checkpoint);
            MicroBatchPass pass = pass(batch, 0.01f);
            kernel.forwardBackward(pass, 0);

            // When two micro-batches add up, with an evaluation between them
            model.forwardBackward(List.of(pass));
            float[][] evaluated = model.logProbabilities(batch);
            model.forwardBackward(List.of(pass));

            // Then
            BatchOutcome expected = kernel.evaluate(new SampledBatch(batch, 1), true);
            for (int row = 0; row < rows; row++) {
                assertClose("log-probabilities", evaluated[row], expected.logProbabilities()[row]);
            }
            Map<String, HostTensor> actual = model.gradients();
            trained.copies(TrainableKernel.Part.GRADIENT).forEach((name, gradient) -> {
                float[] once = gradient.toFloats();
                float[] twice = requireNonNull(actual.get(name)).toFloats();
                float largest = 0;
                for (float value : once) {
                    largest = Math.max(largest, Math.abs(value));
                }
                for (int i = 0; i < once.length; i++) {
                    assertThat(twice[i]).as(name).isCloseTo(2 * once[i], within(2e-5f * largest + 1e-7f));
                }
            });
        }
    }

    private static TokenBatch randomBatch(int rows, int longest, int vocabulary) {
        Random random = new Random(5);
        List<int[]> prompts = new ArrayList<>();
        List<int[]> responses = new ArrayList<>();
        List<int[]> distinct = new ArrayList<>();
        for (int length : List.of(1, longest / 4 + 1, longest / 2 + 1)) {
            distinct.add(random.ints(length, 0, vocabulary).toArray());
        }
        for (int row = 0; row < rows; row++) {
            // equal prompts are other arrays; the last response has one token
            int[] prompt = distinct.get(row % 4 % 3).clone();
            int most = longest - prompt.length;
            prompts.add(prompt);
            responses.add(random.ints(Math.max(1, most * (rows - 1 - row) / rows), 0, vocabulary)
                    .toArray());
        }
        return new TokenBatch(prompts, responses);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen2-tiny-untied", "qwen2-old-config", "llama-tiny", "llama3-rope-tiny"})
    void shouldMatchReferenceGradientsByThePassesOfTheNativeLibrary(String name) {
        Path directory = Golden.path("hf-models/" + name);
        Checkpoint checkpoint = Checkpoint.read(directory);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        try (TrainableKernel kernel = new TrainableKernel(checkpoint.config(), TrainableKernel.Layers.WRITTEN_OUT)) {
            TrainedTensors trained = TrainedTensors.ofWeights(kernel, checkpoint);
            TokenBatch batch = batch(expected.tensor("input_ids"));
            kernel.forwardBackward(pass(batch, -1f / batch.responseTokenCount()), 0);

            assertGradients(trained.copies(TrainableKernel.Part.GRADIENT), expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen2-tiny-untied", "qwen3-tiny", "llama3-rope-tiny"})
    void shouldMatchReferenceGradientsWhereLayersAreRecorded(String name) {
        Path directory = Golden.path("hf-models/" + name);
        Checkpoint checkpoint = Checkpoint.read(directory);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        for (boolean recomputing : List.of(false, true)) {
            try (TrainableKernel kernel = new TrainableKernel(checkpoint.config(), TrainableKernel.Layers.RECORDED)) {
                if (recomputing) {
                    kernel.recomputeActivations();
                }
                TrainedTensors trained = TrainedTensors.ofWeights(kernel, checkpoint);
                TokenBatch batch = batch(expected.tensor("input_ids"));
                kernel.forwardBackward(pass(batch, -1f / batch.responseTokenCount()), 0);

                assertGradients(trained.copies(TrainableKernel.Part.GRADIENT), expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, 1",
        "qwen2-tiny, 2000",
        "qwen2-tiny-untied, 1",
        "qwen2-tiny-untied, 2000",
        "qwen3-tiny, 700"
    })
    void shouldComputeTheSameInChunksOfAnySize(String name, long elements) {
        Path directory = Golden.path("hf-models/" + name);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        TokenBatch batch = batch(expected.tensor("input_ids"));
        try (TrainableModel model = TrainableModel.load(Checkpoint.read(directory), 1)) {
            float[][] whole = model.logProbabilities(batch);
            model.useChunksOf(elements);
            BatchOutcome outcome = model.forwardBackward(List.of(pass(batch, -1f / batch.responseTokenCount())))
                    .get(0);
            assertGradients(model.gradients(), expected);
            for (int row = 0; row < whole.length; row++) {
                assertClose("log-probabilities", outcome.logProbabilities()[row], whole[row]);
                assertClose("evaluated", model.logProbabilities(batch)[row], whole[row]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"qwen2-tiny, false", "qwen3-tiny, true"})
    void shouldBeTheSameToTheBitOnAnyNumberOfThreads(String name, boolean recomputing) {
        Path directory = Golden.path("hf-models/" + name);
        Checkpoint checkpoint = Checkpoint.read(directory);
        TokenBatch whole = batch(
                Safetensors.open(directory.resolve("expected.safetensors")).tensor("input_ids"));
        List<MicroBatchPass> passes = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            // Given micro-batches of different sizes, so that lanes do not finish in turn
            int row = i % whole.rows();
            int length = 1 + i * 5 % whole.responseTokens().get(row).length;
            TokenBatch part = new TokenBatch(
                    List.of(whole.promptTokens().get(row)),
                    List.of(Arrays.copyOf(whole.responseTokens().get(row), length)));
            passes.add(pass(i % 3 == 0 ? whole : part, 0.1f * (i - 4)));
        }
        AdamWSettings settings = new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0.01, 1.0);

        // When
        Map<String, HostTensor> expected = trained(checkpoint, 1, recomputing, passes, settings);

        // Then
        for (int threads : List.of(2, 3)) {
            trained(checkpoint, threads, recomputing, passes, settings)
                    .forEach((key, tensor) -> assertThat(tensor.toFloats())
                            .as("%s, %d threads", key, threads)
                            .isEqualTo(requireNonNull(expected.get(key)).toFloats()));
        }
    }

    private static Map<String, HostTensor> trained(
            Checkpoint checkpoint,
            int threads,
            boolean recomputing,
            List<MicroBatchPass> passes,
            AdamWSettings settings) {
        try (TrainableModel model = TrainableModel.load(checkpoint, threads)) {
            if (recomputing) {
                model.recomputeActivations();
            }
            for (int step = 0; step < 2; step++) {
                model.forwardBackward(passes);
                model.step(settings);
            }
            return model.checkpoint().tensors();
        }
    }

    @Test
    void shouldEndEveryLaneWhenOneMicroBatchFails() {
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        TokenBatch batch = new TokenBatch(List.of(new int[] {1, 2}), List.of(new int[] {3}));
        MicroBatchPass failing = new MicroBatchPass(new SampledBatch(batch, 1), (firstRow, logProbabilities, out) -> {
            throw new IllegalStateException("no loss");
        });
        try (TrainableModel model = TrainableModel.load(checkpoint, 3)) {
            assertThatThrownBy(() -> model.forwardBackward(
                            List.of(pass(batch, 1), failing, pass(batch, 1), pass(batch, 1), failing)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no loss");
        }
    }

    private static MicroBatchPass pass(TokenBatch batch, float share) {
        return new MicroBatchPass(new SampledBatch(batch, 1), (firstRow, logProbabilities, out) -> {
            for (float[] row : out) {
                Arrays.fill(row, share);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen3-tiny", "llama3-rope-tiny"})
    void shouldTeachWithReferenceFeaturesAndLogits(String name) {
        Path directory = Golden.path("hf-models/" + name);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        Checkpoint checkpoint = Checkpoint.read(directory);
        int[] layers = {0, 1, checkpoint.config().layers() - 1};
        try (TeacherModel teacher = TeacherModel.load(checkpoint, layers, 2);
                NDManager scope = teacher.manager().newSubManager()) {
            TeacherOutput output = teacher.teach(scope, rows(expected.tensor("input_ids")));
            assertThat(output.logits().toFloatArray())
                    .containsExactly(expected.tensor("logits").toFloats(), within(1e-4f));
            float[] features = output.features().toFloatArray();
            int hidden = checkpoint.config().hiddenSize();
            for (int part = 0; part < 3; part++) {
                float[] reference =
                        expected.tensor("hidden_states." + layers[part]).toFloats();
                for (int i = 0; i < reference.length; i++) {
                    int at = i / hidden * 3 * hidden + part * hidden + i % hidden;
                    assertThat(features[at]).isCloseTo(reference[i], within(1e-4f));
                }
            }
        }
    }

    @Test
    void shouldContinueExactlyAfterRestore(@TempDir Path folder) {
        Path directory = Golden.path("hf-models/qwen2-tiny");
        Checkpoint checkpoint = Checkpoint.read(directory);
        TokenBatch batch = batch(
                Safetensors.open(directory.resolve("expected.safetensors")).tensor("input_ids"));
        AdamWSettings settings = new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0.01, 1.0);
        try (TrainableModel first = TrainableModel.load(checkpoint, 1);
                TrainableModel second = TrainableModel.load(checkpoint, 1)) {
            // Given one step, saved
            trainStep(first, batch, settings);
            first.save(folder.resolve("state.safetensors"));
            second.restore(folder.resolve("state.safetensors"));

            // When both go on
            trainStep(first, batch, settings);
            trainStep(second, batch, settings);

            // Then they are the same to the bit
            assertThat(second.steps()).isEqualTo(2);
            Checkpoint expected = first.checkpoint();
            second.checkpoint()
                    .tensors()
                    .forEach((key, tensor) -> assertThat(tensor.toFloats())
                            .isEqualTo(expected.tensor(key).toFloats()));
        }
    }

    @Test
    void shouldTakeTheAdamWStepOfTheFormula() {
        Path directory = Golden.path("hf-models/qwen2-tiny");
        Checkpoint checkpoint = Checkpoint.read(directory);
        SafetensorsFile expected = Safetensors.open(directory.resolve("expected.safetensors"));
        AdamWSettings settings = new AdamWSettings(1e-3, 0.9, 0.999, 1e-8, 0.1, 0);
        try (TrainableModel model = TrainableModel.load(checkpoint, 1)) {
            trainStep(model, batch(expected.tensor("input_ids")), settings);
            String name = "model.embed_tokens.weight";
            float[] before = checkpoint.tensor(name).toFloats();
            float[] after = model.checkpoint().tensor(name).toFloats();
            float[] gradient = expected.tensor("grad." + name).toFloats();
            for (int i = 0; i < before.length; i++) {
                // bias-corrected moments after one step are g and g squared
                double step = gradient[i] / (Math.abs(gradient[i]) + 1e-8);
                if (Math.abs(gradient[i]) > 1e-5) {
                    assertThat((double) after[i]).isCloseTo(before[i] * (1 - 1e-3 * 0.1) - 1e-3 * step, within(2e-5));
                }
            }
        }
    }

    private static void trainStep(TrainableModel model, TokenBatch batch, AdamWSettings settings) {
        float scale = -1f / batch.responseTokenCount();
        model.forwardBackward(batch, (firstRow, logProbabilities, out) -> {
            for (float[] row : out) {
                java.util.Arrays.fill(row, scale);
            }
        });
        assertThat(model.step(settings)).isPositive();
    }

    private static TokenBatch batch(HostTensor ids) {
        List<int[]> prompts = new ArrayList<>();
        List<int[]> responses = new ArrayList<>();
        for (int[] row : rows(ids)) {
            prompts.add(java.util.Arrays.copyOf(row, IGNORED_LABELS));
            responses.add(java.util.Arrays.copyOfRange(row, IGNORED_LABELS, row.length));
        }
        return new TokenBatch(prompts, responses);
    }

    private static List<int[]> rows(HostTensor ids) {
        long[] values = ids.toLongs();
        int width = (int) ids.shape()[1];
        List<int[]> rows = new ArrayList<>();
        for (int start = 0; start < values.length; start += width) {
            int[] row = new int[width];
            for (int i = 0; i < width; i++) {
                row[i] = (int) values[start + i];
            }
            rows.add(row);
        }
        return rows;
    }

    private static void assertGradients(Map<String, HostTensor> gradients, SafetensorsFile expected) {
        List<String> given = expected.tensors().keySet().stream()
                .filter(key -> key.startsWith("grad."))
                .toList();
        assertThat(given).isNotEmpty();
        for (String key : given) {
            HostTensor gradient = requireNonNull(gradients.get(key.substring(5)), key);
            assertClose(key, gradient.toFloats(), expected.tensor(key).toFloats());
        }
    }

    private static void assertClose(String name, float[] actual, float[] expected) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double tolerance = 1e-5 + 1e-4 * Math.abs(expected[i]);
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within((float) tolerance));
        }
    }
}
