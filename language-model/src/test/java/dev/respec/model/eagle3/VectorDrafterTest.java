package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Torch;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.vector.Arithmetic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against the scripted kernel in float32 with the same rounded weights; that one is held against the public
 * implementation's values in {@link Eagle3DrafterTest}.
 */
class VectorDrafterTest {
    private static final int DRAFTS = 5;

    @AfterEach
    void oneThreadAgain() {
        Torch.useThreads(1);
    }

    @ParameterizedTest
    @CsvSource({
        "drafter-embed, 1, PORTABLE, 1e-4",
        "drafter-noembed, 2, PORTABLE, 1e-4",
        "drafter-embed, 2, FASTEST, 0.01",
        "drafter-noembed, 1, FASTEST, 0.01"
    })
    void shouldDraftAsTheScriptedKernel(String name, int threads, Arithmetic arithmetic, float tolerance) {
        var golden = Eagle3Golden.of(name);
        int[] next = golden.nextTokens();
        double[] uniforms = new Random(7).doubles(2L * DRAFTS).toArray();
        Torch.useThreads(threads);
        try (var vector = load(golden.drafter(), golden.embeddings(), ComputeType.BFLOAT16, arithmetic);
                var scripted =
                        load(rounded(golden.drafter()), rounded(golden.embeddings()), ComputeType.FLOAT32, arithmetic);
                NDManager scope = scripted.manager().newSubManager()) {
            HostTensor given = golden.tensor("aux_features");
            Features features = Features.of(NativeArrays.of(scope, given));
            // Given two sequences of different lengths in slots 1 and 2, in few rows at a time, moved to 0 and 1
            for (Eagle3Drafter drafter : List.of(vector, scripted)) {
                drafter.extend(features, 1, List.of(rows(next, 0, 5), rows(next, 0, 3)));
                drafter.extend(features, 1, List.of(rows(next, 5, 8), rows(next, 3, 7)));
                drafter.extend(features, 1, List.of(rows(next, 8, 12)));
                drafter.copySlot(1, 0);
                drafter.copySlot(2, 1);
            }

            // Then greedy chains, sampled chains and trees are the same
            assertThat(vector.draftChain(0, 2, DRAFTS, 0, new double[0]).tokens())
                    .isEqualTo(
                            scripted.draftChain(0, 2, DRAFTS, 0, new double[0]).tokens());
            ChainDraft actual = vector.draftChain(0, 2, DRAFTS, 0.7, uniforms);
            ChainDraft expected = scripted.draftChain(0, 2, DRAFTS, 0.7, uniforms);
            assertThat(actual.tokens()).isEqualTo(expected.tokens());
            assertThat(Objects.requireNonNull(actual.probabilities()))
                    .containsExactly(Objects.requireNonNull(expected.probabilities()), within(tolerance));
            var shape = new TreeShape(3, 3, 14);
            int[] roots = {next[11], next[6]};
            List<TreeDraft> trees = vector.draftTrees(0, roots, shape);
            List<TreeDraft> expectedTrees = scripted.draftTrees(0, roots, shape);
            for (int b = 0; b < 2; b++) {
                assertThat(trees.get(b).tokens()).isEqualTo(expectedTrees.get(b).tokens());
                assertThat(trees.get(b).parents())
                        .isEqualTo(expectedTrees.get(b).parents());
                assertThat(trees.get(b).depths()).isEqualTo(expectedTrees.get(b).depths());
                assertThat(trees.get(b).logProbabilities())
                        .containsExactly(expectedTrees.get(b).logProbabilities(), within(10 * tolerance));
            }
        }
    }

    /** The chain that goes on is drafted as if the other one did, too. */
    @ParameterizedTest
    @CsvSource({"FASTEST", "PORTABLE"})
    void shouldEndChainsWhereTheLimitDoes(Arithmetic arithmetic) {
        var golden = Eagle3Golden.of("drafter-embed");
        int[] next = golden.nextTokens();
        double[] uniforms = new Random(7).doubles(2L * DRAFTS).toArray();
        ChainLimit limit = (position, confidences, goesOn) -> {
            goesOn[0] &= position < 2;
            return position < 3;
        };
        try (var vector = load(golden.drafter(), golden.embeddings(), ComputeType.BFLOAT16, arithmetic);
                var scripted = load(rounded(golden.drafter()), golden.embeddings(), ComputeType.FLOAT32, arithmetic);
                NDManager scope = scripted.manager().newSubManager()) {
            Features features = Features.of(NativeArrays.of(scope, golden.tensor("aux_features")));
            for (Eagle3Drafter drafter : List.of(vector, scripted)) {
                drafter.extend(features, 0, List.of(rows(next, 0, 5), rows(next, 0, 3)));
                ChainDraft full = drafter.draftChain(0, 2, DRAFTS, 0.7, uniforms);
                drafter.truncate(0, 0);
                drafter.truncate(1, 0);
                List<Extension> again = List.of(rows(next, 0, 5), rows(next, 0, 3));
                ChainDraft limited = drafter.extendAndDraft(features, 0, again, DRAFTS, 0.7, uniforms, limit);

                assertThat(List.of(limited.count(0), limited.count(1))).containsExactly(2, 4);
                for (int b = 0; b < 2; b++) {
                    int from = b * DRAFTS;
                    assertThat(Arrays.copyOfRange(limited.tokens(), from, from + limited.count(b)))
                            .isEqualTo(Arrays.copyOfRange(full.tokens(), from, from + limited.count(b)));
                }
            }
        }
    }

    private static Extension rows(int[] next, int from, int to) {
        return new Extension(from, Arrays.copyOfRange(next, from, to));
    }

    private static Eagle3Drafter load(
            Eagle3Checkpoint checkpoint, HostTensor embeddings, ComputeType type, Arithmetic arithmetic) {
        return Eagle3Drafter.load(checkpoint, embeddings, type, 3, 24, arithmetic);
    }

    private static Eagle3Checkpoint rounded(Eagle3Checkpoint checkpoint) {
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        for (String name : checkpoint.parameterNames()) {
            HostTensor tensor = checkpoint.tensor(name);
            parameters.put(name, tensor.shape().length == 2 ? rounded(tensor) : tensor);
        }
        return checkpoint.withParameters(parameters);
    }

    private static HostTensor rounded(HostTensor tensor) {
        return tensor.as(ElementType.BFLOAT16).as(ElementType.FLOAT32);
    }
}
