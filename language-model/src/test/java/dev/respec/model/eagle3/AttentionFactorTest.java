package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.RopeConfig;
import dev.respec.model.checkpoint.RopeScaling;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.vector.Arithmetic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A rope's attention factor multiplies rotated queries and keys, and rotation is linear: a drafter with a factor is one
 * whose query and key weights are that much larger.
 */
class AttentionFactorTest {
    private static final double FACTOR = 1.4;

    private final Eagle3Golden golden = Eagle3Golden.of("drafter-embed");
    private final Eagle3Checkpoint factored = withFactor(golden.drafter());
    private final Eagle3Checkpoint enlarged = withLargerWeights(golden.drafter());

    @ParameterizedTest
    @CsvSource({"FLOAT32, FASTEST, 1e-5", "BFLOAT16, PORTABLE, 0.01", "BFLOAT16, FASTEST, 0.01"})
    void shouldDraftWithIt(ComputeType computeType, Arithmetic arithmetic, double tolerance) {
        float[] expected = probabilities(enlarged, computeType, arithmetic);
        float[] actual = probabilities(factored, computeType, arithmetic);
        float[] without = probabilities(golden.drafter(), computeType, arithmetic);
        assertThat(largestDifference(without, expected)).isGreaterThan(2 * tolerance);
        assertThat(largestDifference(actual, expected)).isLessThan(tolerance);
    }

    @Test
    void shouldTrainWithIt() {
        float[] expected = losses(enlarged);
        float[] without = losses(golden.drafter());
        assertThat(largestDifference(without, expected)).isGreaterThan(0.01);
        for (int pass = 0; pass < expected.length; pass++) {
            assertThat(losses(factored)[pass]).isCloseTo(expected[pass], within(1e-3f));
        }
    }

    private float[] probabilities(Eagle3Checkpoint checkpoint, ComputeType computeType, Arithmetic arithmetic) {
        try (var drafter = Eagle3Drafter.load(checkpoint, golden.embeddings(), computeType, 1, 40, arithmetic);
                NDManager scope = drafter.manager().newSubManager()) {
            var features = Features.of(NativeArrays.of(scope, golden.tensor("aux_features")));
            var extensions = List.of(new Extension(0, golden.nextTokens()));
            var draft = drafter.extendAndDraft(features, 0, extensions, 1, 1, new double[] {0.5}, ChainLimit.NONE);
            return Objects.requireNonNull(draft.probabilities());
        }
    }

    private float[] losses(Eagle3Checkpoint checkpoint) {
        try (var trainer = Eagle3Trainer.load(checkpoint, golden.embeddings(), new TrainingTimeTest(3, 0.8), 1);
                NDManager scope = trainer.manager().newSubManager()) {
            var weights = new float[(int) golden.tensor("train.input_ids").shape()[0]];
            Arrays.fill(weights, 1);
            var sums = trainer.evaluate(golden.batch(scope, weights));
            return new float[] {(float) sums.lossSum(0), (float) sums.lossSum(1), (float) sums.lossSum(2)};
        }
    }

    private static double largestDifference(float[] left, float[] right) {
        double largest = 0;
        for (int i = 0; i < left.length; i++) {
            largest = Math.max(largest, Math.abs(left[i] - right[i]));
        }
        return largest;
    }

    private static Eagle3Checkpoint withLargerWeights(Eagle3Checkpoint drafter) {
        var larger = new LinkedHashMap<String, HostTensor>();
        for (String name : List.of("midlayer.self_attn.q_proj.weight", "midlayer.self_attn.k_proj.weight")) {
            float[] values = drafter.tensor(name).toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] *= (float) FACTOR;
            }
            larger.put(name, HostTensor.ofFloats(values, drafter.tensor(name).shape()));
        }
        return drafter.withParameters(larger);
    }

    private static Eagle3Checkpoint withFactor(Eagle3Checkpoint drafter) {
        Eagle3Config config = drafter.config();
        // a factor of 1 leaves the frequencies as they are
        var scaling = new RopeScaling.Yarn(1, 2048, 32, 1, true, FACTOR);
        var factored = new Eagle3Config(
                config.hiddenSize(),
                config.targetHiddenSize(),
                config.intermediateSize(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.vocabularySize(),
                config.draftVocabularySize(),
                config.rmsNormEpsilon(),
                new RopeConfig(config.rope().theta(), scaling),
                config.normBeforeResidual(),
                config.maxPositions(),
                config.featureLayers());
        return new Eagle3Checkpoint(factored, drafter.tensors(), null);
    }
}
