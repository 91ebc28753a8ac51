package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.kernels.Torch;
import dev.respec.model.training.TokenBatch;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossWeightsTest {
    private static final TokenBatch TOKENS = new TokenBatch(
            List.of(new int[] {1, 2, 3}, new int[] {4}), List.of(new int[] {5, 6, 7, 8}, new int[] {9, 10, 11}));

    /** Against float64 autograd with the same weights, see golden/eagle3. */
    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldWeighEachRowOfEachPassAsTheReferenceDoes(String name) {
        var golden = Eagle3Golden.of(name);
        Map<String, HostTensor> expected = Safetensors.open(Golden.path("eagle3/" + name + "/weighted.safetensors"))
                .tensors();
        var weights = Objects.requireNonNull(expected.get("weights"));
        try (var trainer = Eagle3Trainer.load(
                        golden.drafter(), golden.embeddings(), new TrainingTimeTest(4, 0.8, 0.7), 1);
                NDManager scope = trainer.manager().newSubManager()) {
            int positions = golden.ints("train.input_ids").length;
            // When
            var sums = trainer.accumulate(golden.batch(scope, weights.toFloats(), weights.shape()), positions);
            // Then
            double loss = 0;
            for (int pass = 0; pass < 4; pass++) {
                double stepLoss = sums.lossSum(pass) / positions;
                loss += Math.pow(0.8, pass) * stepLoss;
                assertThat(stepLoss).isCloseTo(floats(expected, "step_losses")[pass], within(1e-5));
            }
            assertThat(loss).isCloseTo(floats(expected, "loss")[0], within(1e-5));
            var gradients = trainer.gradients();
            var compared = expected.keySet().stream()
                    .filter(key -> key.startsWith("grad."))
                    .toList();
            assertThat(compared).hasSize(6);
            for (String key : compared) {
                float[] reference = floats(expected, key);
                float[] actual = floats(gradients, key.substring("grad.".length()));
                for (int i = 0; i < reference.length; i++) {
                    assertThat(actual[i])
                            .as(key)
                            .isCloseTo(reference[i], within(1e-5f + 1e-4f * Math.abs(reference[i])));
                }
            }
        }
    }

    /**
     * A verify step that starts behind the token at x drafts from the feature of the token before it, in row x - 1, and its
     * draft of depth d stands at x + 1 + d.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldFindTheRowOfADraftFromWhereItsVerifyStepStarted(int passes) {
        int compared = 0;
        for (int sequence = 0; sequence < 2; sequence++) {
            int prompt = TOKENS.promptTokens().get(sequence).length;
            int length = prompt + TOKENS.responseTokens().get(sequence).length;
            for (int lastToken = Math.max(1, prompt - 1); lastToken < length; lastToken++) {
                for (int depth = 0; depth < passes && lastToken + 1 + depth < length; depth++) {
                    var weights = LossWeights.ofSequences(TOKENS, new float[] {0.5f, 2})
                            .byRow(passes);

                    weights.add(sequence, lastToken + 1 + depth - prompt, depth, 8);

                    float[] values = values(weights, passes);
                    for (int at = 0; at < values.length; at++) {
                        boolean drafted = at == (depth * 2 + sequence) * 7 + lastToken - 1;
                        float ofSequence = at / 7 % 2 == 0 ? 0.5f : 2;
                        assertThat(values[at]).isEqualTo(drafted ? ofSequence + 8 : ofSequence);
                    }
                    compared++;
                }
            }
        }
        // of response tokens with a feature before them, 4 and 2, those with so many drafts before them
        assertThat(compared).isEqualTo(new int[] {0, 6, 6 + 4, 6 + 4 + 2}[passes]);
    }

    @Test
    void shouldGiveEveryRowOfASequenceItsWeight() {
        var weights = LossWeights.ofSequences(TOKENS, new float[] {0.5f, 2});
        try (NDManager owner = Torch.manager()) {
            var array = weights.array(owner);
            assertThat(array.getShape().getShape()).containsExactly(1, 2, 1);
            assertThat(array.toFloatArray()).containsExactly(0.5f, 2);
        }
        assertThatThrownBy(() -> LossWeights.ofSequences(TOKENS, new float[3])).hasMessage("3 weights for 2 sequences");
    }

    @Test
    void shouldRefuseADraftThatNoRowComputes() {
        var weights = LossWeights.ofSequences(TOKENS, new float[2]).byRow(2);

        assertThatThrownBy(() -> weights.add(0, 3, 2, 1)).as("depth").hasMessageContaining("depth 2");
        assertThatThrownBy(() -> weights.add(0, 0, 1, 1))
                .as("no draft before it")
                .hasMessageContaining("token 0");
        assertThatThrownBy(() -> weights.add(0, 4, 0, 1)).as("no such token").hasMessageContaining("token 4");
        assertThatThrownBy(() -> weights.add(1, 0, 0, 1)).as("no feature").hasMessageContaining("sequence 1");
    }

    private static float[] values(LossWeights weights, int passes) {
        try (NDManager owner = Torch.manager()) {
            var array = weights.array(owner);
            assertThat(array.getShape().getShape()).containsExactly(passes, 2, 7);
            return array.toFloatArray();
        }
    }

    private static float[] floats(Map<String, HostTensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name).toFloats();
    }
}
