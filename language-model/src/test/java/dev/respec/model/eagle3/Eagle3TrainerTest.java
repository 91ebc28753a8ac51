package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.training.AdamWSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against SpecForge's and SafeAILab's training, see golden/eagle3. */
class Eagle3TrainerTest {
    private static final AdamWSettings OPTIMISER = new AdamWSettings(1e-3, 0.9, 0.95, 1e-8, 0.01, 0.5);

    @ParameterizedTest
    @CsvSource({"drafter-embed,4", "drafter-embed,7", "drafter-noembed,4", "drafter-noembed,7"})
    void shouldMatchLossesAndGradientsOfReference(String name, int length) {
        var golden = Eagle3Golden.of(name);
        String prefix = "train" + length + ".";
        try (var trainer = load(golden, length);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = batch(golden, scope, 1, 1);
            int positions = golden.ints("train.input_ids").length;
            // When
            var sums = trainer.accumulate(batch, positions);
            // Then
            double loss = 0;
            for (int pass = 0; pass < length; pass++) {
                double stepLoss = sums.lossSum(pass) / positions;
                loss += Math.pow(0.8, pass) * stepLoss;
                assertThat(stepLoss).isCloseTo(golden.floats(prefix + "step_losses")[pass], within(1e-5));
                assertThat(sums.accuracy(pass)).isCloseTo(golden.floats(prefix + "step_accuracy")[pass], within(1e-5));
            }
            assertThat(loss).isCloseTo(golden.floats(prefix + "loss")[0], within(1e-5));
            assertGradients(golden, prefix + "grad.", trainer);
        }
    }

    /** Against float64 autograd of ½ Σ |p - q| over the whole vocabulary, see golden/eagle3. */
    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldMatchLossesAndGradientsOfTheTotalVariation(String name) {
        var golden = Eagle3Golden.of(name);
        var expected = new Eagle3Golden(
                golden.target(),
                golden.drafter(),
                golden.embeddings(),
                Safetensors.open(Golden.path("eagle3/" + name + "/variation.safetensors"))
                        .tensors());
        try (var trainer = load(golden, new TrainingTimeTest(4, 0.8, 0.7));
                NDManager scope = trainer.manager().newSubManager()) {
            int positions = golden.ints("train.input_ids").length;
            // When
            var sums = trainer.accumulate(batch(golden, scope, 1, 1), positions);
            // Then
            double loss = 0;
            for (int pass = 0; pass < 4; pass++) {
                double stepLoss = sums.lossSum(pass) / positions;
                loss += Math.pow(0.8, pass) * stepLoss;
                assertThat(stepLoss).isCloseTo(expected.floats("step_losses")[pass], within(1e-5));
            }
            assertThat(loss).isCloseTo(expected.floats("loss")[0], within(1e-5));
            assertGradients(expected, "grad.", trainer);
        }
    }

    /** One minus the probability with which speculative sampling accepts the draft. */
    @Test
    void shouldAddToTheLossWhatSpeculativeSamplingRejects() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var plain = load(golden, 4);
                var trainer = load(golden, new TrainingTimeTest(4, 0.8, 2.5));
                NDManager scope = trainer.manager().newSubManager()) {
            var crossEntropy = plain.evaluate(batch(golden, scope, 1, 1));
            var both = trainer.evaluate(batch(golden, scope, 1, 1));

            double rejected = 1 - both.acceptance(0);
            assertThat(rejected).isBetween(0.1, 0.99);
            assertThat(both.lossSum(0) - crossEntropy.lossSum(0))
                    .isCloseTo(2.5 * rejected * both.rows(), within(2e-5 * both.lossSum(0)));
        }
    }

    /** The loss falls along its gradient as fast as the gradient's length says. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 20})
    void shouldFallAlongItsGradientAsFiniteDifferencesSay(double totalVariation) {
        var golden = Eagle3Golden.of("drafter-embed");
        var test = new TrainingTimeTest(4, 0.8, totalVariation);
        try (var trainer = load(golden, test);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = batch(golden, scope, 1, 1);
            double rows = trainer.evaluate(batch).rows();
            trainer.accumulate(batch, rows);
            var gradients = trainer.gradients();
            double squares = 0;
            for (var gradient : gradients.values()) {
                for (float value : gradient.toFloats()) {
                    squares += (double) value * value;
                }
            }
            double step = 2e-3 / Math.sqrt(squares);
            double above = lossAt(trainer, golden, gradients, step, batch);
            double below = lossAt(trainer, golden, gradients, -step, batch);

            assertThat((above - below) / (2 * step)).isCloseTo(squares, within(5e-3 * squares));
        }
    }

    private static double lossAt(
            Eagle3Trainer trainer,
            Eagle3Golden golden,
            Map<String, HostTensor> direction,
            double step,
            DistillationBatch batch) {
        var moved = new HashMap<String, HostTensor>();
        direction.forEach((name, gradient) -> {
            float[] values = golden.drafter().tensor(name).toFloats();
            float[] along = gradient.toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (step * along[i]);
            }
            moved.put(name, HostTensor.ofFloats(values, gradient.shape()));
        });
        trainer.adopt(golden.drafter().withParameters(moved));
        return trainer.evaluate(batch).loss(0.8);
    }

    private static void assertGradients(Eagle3Golden golden, String prefix, Eagle3Trainer trainer) {
        var gradients = trainer.gradients();
        int compared = 0;
        for (var entry : gradients.entrySet()) {
            if (golden.expected().containsKey(prefix + entry.getKey())) {
                float[] expected = golden.floats(prefix + entry.getKey());
                float[] actual = entry.getValue().toFloats();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(actual[i])
                            .as(entry.getKey())
                            .isCloseTo(expected[i], within(1e-5f + 1e-4f * Math.abs(expected[i])));
                }
                compared++;
            }
        }
        assertThat(compared).isEqualTo(6);
    }

    @Test
    void shouldAddUpGradientsOfSequencesScaledByTheirWeights() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var trainer = load(golden, 4);
                NDManager scope = trainer.manager().newSubManager()) {
            // Given the loss of a batch is linear in its weights
            trainer.accumulate(batch(golden, scope, 1, 1), 28);
            var both = gradient(trainer).toFloats();
            trainer.step(OPTIMISER.withLearningRate(0));
            // When
            trainer.accumulate(batch(golden, scope, 2, 0), 28);
            trainer.accumulate(batch(golden, scope, 0, 2), 28);
            // Then
            var twice = gradient(trainer).toFloats();
            for (int i = 0; i < both.length; i++) {
                assertThat(twice[i]).isCloseTo(2 * both[i], within(1e-6f));
            }
        }
    }

    @Test
    void shouldTakeTheFirstAdamWStepOfItsDefinition() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var trainer = load(golden, 4);
                NDManager scope = trainer.manager().newSubManager()) {
            trainer.accumulate(batch(golden, scope, 1, 1), 28);
            var gradients = trainer.gradients();
            // When
            double norm = trainer.step(OPTIMISER);
            // Then
            double squares = 0;
            for (var tensor : gradients.values()) {
                for (float value : tensor.toFloats()) {
                    squares += (double) value * value;
                }
            }
            assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-5));
            double scale = Math.min(1, 0.5 / (norm + 1e-6));
            for (String parameter : new String[] {"fc.weight", "norm.weight"}) {
                float[] before = golden.drafter().tensor(parameter).toFloats();
                float[] after = trainer.checkpoint().tensor(parameter).toFloats();
                float[] gradient =
                        Objects.requireNonNull(gradients.get(parameter)).toFloats();
                double decay = parameter.equals("fc.weight") ? 0.01 : 0;
                for (int i = 0; i < before.length; i++) {
                    // The first step's bias-corrected moments are the gradient and its square.
                    double clipped = scale * gradient[i];
                    double expected = before[i] * (1 - 1e-3 * decay) - 1e-3 * clipped / (Math.abs(clipped) + 1e-8);
                    assertThat((double) after[i]).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    @Test
    void shouldContinueIdenticallyAfterRestore(@TempDir Path directory) {
        var golden = Eagle3Golden.of("drafter-noembed");
        Path file = directory.resolve("optimiser.safetensors");
        try (var trainer = load(golden, 4);
                var resumed = load(golden, 4);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = batch(golden, scope, 1, 0.5f);
            for (int i = 0; i < 3; i++) {
                trainer.accumulate(batch, 28);
                trainer.step(OPTIMISER);
            }
            // When
            trainer.save(file);
            resumed.restore(file);
            for (var each : new Eagle3Trainer[] {trainer, resumed}) {
                each.accumulate(batch, 28);
                each.step(OPTIMISER);
            }
            // Then
            assertThat(resumed.steps()).isEqualTo(4);
            trainer.checkpoint()
                    .tensors()
                    .forEach((name, tensor) -> assertThat(
                                    resumed.checkpoint().tensor(name).sameAs(tensor))
                            .isTrue());
        }
    }

    @Test
    void shouldLowerTheLossAndRaiseExpectedAcceptance() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var trainer = load(golden, 3);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = batch(golden, scope, 1, 1);
            var before = trainer.evaluate(batch);
            for (int i = 0; i < 60; i++) {
                trainer.accumulate(batch, before.rows());
                trainer.step(OPTIMISER);
            }
            var after = trainer.evaluate(batch);
            assertThat(after.loss(0.8)).isLessThan(before.loss(0.8));
            assertThat(after.acceptanceLength()).isBetween(before.acceptanceLength() + 0.2, 4.0);
        }
    }

    @Test
    void shouldStartAfreshFromAnotherDraftersWeights() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var trainer = load(golden, 4);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = batch(golden, scope, 1, 1);
            var before = trainer.evaluate(batch);
            trainer.accumulate(batch, 28);
            trainer.step(OPTIMISER);
            trainer.accumulate(batch, 28);
            // When
            trainer.adopt(golden.drafter());
            // Then
            assertThat(trainer.steps()).isZero();
            assertThat(trainer.evaluate(batch).lossSum(3)).isEqualTo(before.lossSum(3));
            assertThat(trainer.step(OPTIMISER)).isZero();
        }
    }

    @Test
    void shouldRefuseStateOfAnotherDrafter(@TempDir Path directory) {
        Path file = directory.resolve("optimiser.safetensors");
        try (var trainer = load(Eagle3Golden.of("drafter-embed"), 4);
                var other = load(Eagle3Golden.of("drafter-noembed"), 4)) {
            trainer.save(file);
            assertThatThrownBy(() -> other.restore(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("midlayer.self_attn.k_proj.weight");
            Safetensors.write(file, Map.of(), Map.of());
            assertThatThrownBy(() -> other.restore(file)).hasMessageContaining("no step count");
        }
    }

    private static HostTensor gradient(Eagle3Trainer trainer) {
        return Objects.requireNonNull(trainer.gradients().get("fc.weight"));
    }

    private static Eagle3Trainer load(Eagle3Golden golden, int length) {
        return load(golden, new TrainingTimeTest(length, 0.8));
    }

    private static Eagle3Trainer load(Eagle3Golden golden, TrainingTimeTest test) {
        return Eagle3Trainer.load(golden.drafter(), golden.embeddings(), test, 1);
    }

    private static DistillationBatch batch(Eagle3Golden golden, NDManager owner, float... weights) {
        return golden.batch(owner, weights);
    }
}
