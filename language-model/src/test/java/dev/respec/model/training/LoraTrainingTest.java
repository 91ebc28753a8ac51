package dev.respec.model.training;

import static dev.respec.model.checkpoint.ElementType.BFLOAT16;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.Golden;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import dev.respec.model.training.TrainableKernel.Layers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against three steps of PEFT's adapter under PyTorch's AdamW, see golden/lora. */
class LoraTrainingTest {
    private static final int PROMPT = 4;
    private static final AdamWSettings SETTINGS = new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0.1, 0.5);

    private final Checkpoint base = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
    private final LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/qwen2-all-linear"));
    private final SafetensorsFile trained =
            Safetensors.open(Golden.path("lora/qwen2-all-linear").resolve("trained.safetensors"));

    @TempDir
    private Path folder;

    @Test
    void shouldTrainTheAdapterAsTheReferenceAndLeaveTheRest() {
        try (var model = TrainableModel.loadAdapted(base, adapter, 0, 1)) {
            // When
            for (int step = 0; step < 3; step++) {
                double norm = step(model, step);
                double expected =
                        trained.tensor("norms").bytes().part(8L * step, 8).getDouble(0);
                assertThat(norm).isCloseTo(expected, within(2e-3 * expected));
            }
            // Then
            LoraAdapter after = model.adapter().orElseThrow();
            after.products().forEach((name, product) -> {
                String module = "base_model.model." + name.substring(0, name.length() - ".weight".length());
                assertClose(name, product.down(), trained.tensor(module + ".lora_A.weight"));
                assertClose(name, product.up(), trained.tensor(module + ".lora_B.weight"));
            });
            Checkpoint merged = model.checkpoint();
            assertThat(merged.tensor("model.norm.weight").toFloats())
                    .isEqualTo(base.tensor("model.norm.weight").toFloats());
            String weight = "model.layers.0.mlp.up_proj.weight";
            assertThat(merged.tensor(weight).toFloats())
                    .isEqualTo(after.mergeInto(base).tensor(weight).toFloats());
        }
    }

    @Test
    void shouldGoOnFromASavedStateToTheBit() {
        Path file = folder.resolve("state.safetensors");
        LoraAdapter expected;
        try (var model = TrainableModel.loadAdapted(base, adapter, 0, 1)) {
            step(model, 0);
            model.save(file);
            step(model, 1);
            expected = model.adapter().orElseThrow();
        }
        var fresh = LoraAdapter.fresh(base, adapter.config(), List.of(), 9);
        try (var model = TrainableModel.loadAdapted(base, fresh, 0, 1)) {
            model.restore(file);
            assertThat(model.steps()).isEqualTo(1);
            step(model, 1);
            LoraAdapter actual = model.adapter().orElseThrow();
            expected.products()
                    .forEach((name, product) -> assertThat(actual.products().get(name))
                            .isNotNull()
                            .satisfies(restored -> {
                                assertThat(restored.down().toFloats())
                                        .isEqualTo(product.down().toFloats());
                                assertThat(restored.up().toFloats())
                                        .isEqualTo(product.up().toFloats());
                            }));
        }
        var other = LoraAdapter.fresh(base, new LoraConfig(2, 4, LoraConfig.Scaling.RANK), List.of(), 9);
        try (var model = TrainableModel.loadAdapted(base, other, 0, 1)) {
            assertThatThrownBy(() -> model.restore(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("was trainer.lora changed within a run?");
        }
    }

    /** With biases, with norms of heads, with shared key heads, of all modules or some, on a base of either type. */
    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, , FLOAT32, false",
        "qwen2-tiny, q_proj v_proj down_proj, BFLOAT16, true",
        "qwen3-tiny, , BFLOAT16, false",
        "llama-tiny, k_proj o_proj gate_proj up_proj, FLOAT32, true",
        "llama3-rope-tiny, , FLOAT32, false"
    })
    void shouldGiveTheGradientsOfRecordedLayers(
            String name, @Nullable String modules, ElementType type, boolean recomputing) {
        Checkpoint stored = Checkpoint.read(Golden.path("hf-models/" + name));
        var tensors = new LinkedHashMap<>(stored.tensors());
        tensors.replaceAll((key, tensor) -> HostTensor.ofFloats(tensor.toFloats(), type, tensor.shape()));
        var policy = new Checkpoint(stored.config(), tensors);
        LoraAdapter factors = random(LoraAdapter.fresh(
                policy,
                new LoraConfig(3, 5, LoraConfig.Scaling.RANK),
                modules == null ? List.of() : List.of(modules.split(" ")),
                4));
        // When
        Map<String, HostTensor> expected = gradients(policy, factors, Layers.RECORDED, recomputing);
        Map<String, HostTensor> actual = gradients(policy, factors, Layers.FASTEST, recomputing);
        // Then
        assertThat(expected).hasSize(2 * factors.products().size());
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((key, gradient) -> {
            float[] values = gradient.toFloats();
            float largest = 0;
            for (float value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).as(key).isPositive();
            assertThat(requireNonNull(actual.get(key)).toFloats())
                    .as(key)
                    .containsExactly(values, within(1e-4f * largest));
        });
    }

    private static Map<String, HostTensor> gradients(
            Checkpoint policy, LoraAdapter factors, Layers layers, boolean recomputing) {
        try (var kernel = new TrainableKernel(policy.config(), layers)) {
            kernel.place(policy, TrainableKernel.Holding.FROZEN);
            kernel.adapt(factors.config().scale(), 0);
            if (recomputing) {
                kernel.recomputeActivations();
            }
            TrainedTensors tensors = TrainedTensors.ofAdapter(kernel, factors);
            TokenBatch batch = new TokenBatch(
                    List.of(new int[] {3, 1, 4}, new int[] {1, 5}),
                    List.of(new int[] {9, 2, 6, 5, 3, 5}, new int[] {8, 9, 7}));
            var pass = new MicroBatchPass(new SampledBatch(batch, 0.8), (firstRow, logProbabilities, out) -> {
                for (float[] row : out) {
                    Arrays.fill(row, -0.1f);
                }
            });
            kernel.forwardBackward(pass, 0);
            return tensors.copies(TrainableKernel.Part.GRADIENT);
        }
    }

    /** Both factors of an adapter in training: with B zero, A has no gradient. */
    private static LoraAdapter random(LoraAdapter fresh) {
        var random = new Random(7);
        var products = new LinkedHashMap<>(fresh.products());
        products.replaceAll((name, product) -> {
            float[] up = new float[(int) product.up().size()];
            for (int i = 0; i < up.length; i++) {
                up[i] = random.nextFloat(-0.3f, 0.3f);
            }
            return new LoraAdapter.Product(
                    product.down(), HostTensor.ofFloats(up, product.up().shape()));
        });
        return new LoraAdapter(fresh.config(), products);
    }

    @Test
    void shouldComputeOnABfloat16BaseAsOnTheSameValuesInFloat32() {
        // Given
        var halves = new LinkedHashMap<>(base.tensors());
        halves.replaceAll((name, tensor) -> HostTensor.ofFloats(tensor.toFloats(), BFLOAT16, tensor.shape()));
        var widened = new LinkedHashMap<>(halves);
        widened.replaceAll((name, tensor) -> HostTensor.ofFloats(tensor.toFloats(), tensor.shape()));
        var half = new Checkpoint(base.config(), halves);
        assertThat(half.storedType()).isEqualTo(BFLOAT16);
        try (var frozen = TrainableModel.loadAdapted(half, adapter, 0, 1);
                var plain = TrainableModel.loadAdapted(new Checkpoint(base.config(), widened), adapter, 0, 1)) {
            // When
            double norm = step(plain, 0);
            // Then
            assertThat(step(frozen, 0)).isCloseTo(norm, within(1e-4 * norm));
            float[][] expected = plain.logProbabilities(batch());
            float[][] actual = frozen.logProbabilities(batch());
            for (int row = 0; row < expected.length; row++) {
                assertThat(actual[row]).containsExactly(expected[row], within(1e-4f));
            }
        }
    }

    @Test
    void shouldScoreTheBaseWithoutTheAdapter() {
        try (var adapted = TrainableModel.loadAdapted(base, adapter, 0, 1);
                var plain = TrainableModel.load(base, 1);
                var reference = ReferencePolicy.baseOf(adapted);
                var frozen = ReferencePolicy.frozen(base, 1)) {
            var batches = List.of(new SampledBatch(batch(), 1));
            float[][] expected = plain.logProbabilities(batch());
            for (var scores : List.of(reference.logProbabilities(batches), frozen.logProbabilities(batches))) {
                for (int row = 0; row < expected.length; row++) {
                    assertThat(scores.get(0)[row]).containsExactly(expected[row], within(1e-5f));
                }
            }
            assertThat(adapted.logProbabilities(batch())[0]).isNotEqualTo(expected[0]);
        }
    }

    @Test
    void shouldLeaveOutTheSameInputsWhenActivationsAreRecomputedAndInARepetition() {
        List<Double> norms = new ArrayList<>();
        for (boolean recomputes : List.of(false, false, true)) {
            try (var model = TrainableModel.loadAdapted(base, adapter, 0.3, 1)) {
                if (recomputes) {
                    model.recomputeActivations();
                }
                norms.add(step(model, 0));
                norms.add(step(model, 1));
            }
        }
        assertThat(norms.get(2)).isEqualTo(norms.get(0));
        assertThat(norms.get(3)).isEqualTo(norms.get(1));
        assertThat(norms.get(4)).isCloseTo(norms.get(0), within(1e-4 * norms.get(0)));
        try (var model = TrainableModel.loadAdapted(base, adapter, 0, 1)) {
            assertThat(Math.abs(step(model, 0) - norms.get(0))).isGreaterThan(1e-2 * norms.get(0));
        }
    }

    @Test
    void shouldAdaptOnlyTheModulesAskedFor() {
        var config = new LoraConfig(2, 4, LoraConfig.Scaling.RANK);
        assertThat(LoraAdapter.fresh(base, config, List.of("q_proj", "v_proj"), 1)
                        .products()
                        .keySet())
                .allMatch(name -> name.endsWith(".q_proj.weight") || name.endsWith(".v_proj.weight"))
                .hasSize(2 * base.config().layers());
    }

    /** The reference's loss: mean negative log-probability of the response, times 1, 2 and 3. */
    private double step(TrainableModel model, int step) {
        TokenBatch batch = batch();
        double weight = -(1.0 + step) / batch.responseTokenCount();
        model.forwardBackward(batch, (firstRow, logProbabilities, out) -> {
            for (float[] row : out) {
                Arrays.fill(row, (float) weight);
            }
        });
        return model.step(SETTINGS);
    }

    private static TokenBatch batch() {
        HostTensor ids = Safetensors.open(Golden.path("hf-models/qwen2-tiny/expected.safetensors"))
                .tensor("input_ids");
        int length = (int) ids.shape()[1];
        int[] flat = Arrays.stream(ids.toLongs()).mapToInt(Math::toIntExact).toArray();
        List<int[]> prompts = new ArrayList<>();
        List<int[]> responses = new ArrayList<>();
        for (int at = 0; at < flat.length; at += length) {
            prompts.add(Arrays.copyOfRange(flat, at, at + PROMPT));
            responses.add(Arrays.copyOfRange(flat, at + PROMPT, at + length));
        }
        return new TokenBatch(prompts, responses);
    }

    /** Adam divides by the gradient's size: where it is tiny, rounding shows, within a hundredth of the step. */
    private static void assertClose(String name, HostTensor actual, HostTensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.toFloats()).as(name).containsExactly(expected.toFloats(), within(3e-4f));
    }
}
