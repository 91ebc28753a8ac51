package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.sampling.ChainLimit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against SafeAILab's EAGLE, see golden/eagle3. */
class Eagle3DrafterTest {
    private static final int DRAFTS = 5;
    private static final TreeShape TREE = new TreeShape(4, 4, 16);

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldDraftGreedyChainOfReference(String name) {
        var golden = Eagle3Golden.of(name);
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            // Given one sequence extended at once, and one extended in three runs
            var features = features(golden, scope);
            int[] next = golden.nextTokens();
            drafter.extend(
                    features, 0, List.of(new Extension(0, next), new Extension(0, Arrays.copyOfRange(next, 0, 5))));
            drafter.extend(features, 1, List.of(new Extension(5, Arrays.copyOfRange(next, 5, 6))));
            drafter.extend(features, 1, List.of(new Extension(6, Arrays.copyOfRange(next, 6, 12))));
            // When
            var draft = drafter.draftChain(0, 2, DRAFTS, 0, new double[0]);
            // Then
            int[] expected = golden.ints("chain.tokens");
            assertThat(Arrays.copyOfRange(draft.tokens(), 0, DRAFTS)).isEqualTo(expected);
            assertThat(Arrays.copyOfRange(draft.tokens(), DRAFTS, 2 * DRAFTS)).isEqualTo(expected);
            assertThat(draft.distributions(0)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldSampleFromDistributionsOfReferenceWhereTheChainIsTheSame(String name) {
        var golden = Eagle3Golden.of(name);
        float[] logits = golden.floats("chain.logits");
        int[] draftIds = golden.ints("chain.draft_ids");
        int vocabulary = golden.drafter().config().draftVocabularySize();
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            // Given random numbers that pick the reference's tokens: the middle of each one's share of the distribution
            double[] uniforms = new double[DRAFTS];
            double[][] expected = new double[DRAFTS][];
            for (int step = 0; step < DRAFTS; step++) {
                expected[step] = softmax(logits, step * vocabulary, vocabulary, 1);
                double below = Arrays.stream(expected[step], 0, draftIds[step]).sum();
                uniforms[step] = below + expected[step][draftIds[step]] / 2;
            }
            // When
            var draft = drafter.extendAndDraft(
                    features(golden, scope),
                    0,
                    List.of(new Extension(0, golden.nextTokens())),
                    DRAFTS,
                    1,
                    uniforms,
                    ChainLimit.NONE);
            // Then
            assertThat(draft.tokens()).isEqualTo(golden.ints("chain.tokens"));
            float[] q = Objects.requireNonNull(draft.probabilities());
            for (int step = 0; step < DRAFTS; step++) {
                for (int i = 0; i < vocabulary; i++) {
                    assertThat((double) q[draft.probabilitiesOffset(0, step) + i])
                            .isCloseTo(expected[step][i], within(1e-5));
                }
            }
        }
    }

    @Test
    void shouldDrawEveryTokenAsOftenAsItsProbabilitySays() {
        var golden = Eagle3Golden.of("drafter-embed");
        double temperature = 1.5;
        int vocabulary = golden.drafter().config().draftVocabularySize();
        double[] expected = softmax(golden.floats("chain.logits"), 0, vocabulary, temperature);
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            drafter.extend(features(golden, scope), 0, List.of(new Extension(0, golden.nextTokens())));
            // When the random numbers run through an even grid
            int grid = 4000;
            int[] drawn = new int[golden.target().config().vocabularySize()];
            for (int i = 0; i < grid; i++) {
                drawn[
                        drafter.draftChain(0, 1, 1, temperature, new double[] {(i + 0.5) / grid})
                                .token(0, 0)]++;
            }
            // Then inverse-CDF sampling leaves at most one grid point of error
            for (int i = 0; i < vocabulary; i++) {
                assertThat(drawn[drafter.vocabulary().toTarget(i)] / (double) grid)
                        .isCloseTo(expected[i], within(1.01 / grid));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldGrowTreeOfReferenceForEverySequence(String name) {
        var golden = Eagle3Golden.of(name);
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            int[] next = golden.nextTokens();
            // Given a shorter neighbour, so that sequences differ in length
            drafter.extend(
                    features(golden, scope),
                    0,
                    List.of(new Extension(0, Arrays.copyOfRange(next, 0, 4)), new Extension(0, next)));
            // When
            var trees = drafter.draftTrees(0, new int[] {next[3], next[11]}, TREE);
            // Then
            var tree = trees.get(1);
            assertThat(tree.tokens()).isEqualTo(golden.ints("tree.tokens"));
            assertThat(tree.parents()).isEqualTo(golden.ints("tree.parents"));
            assertThat(tree.depths()).isEqualTo(golden.ints("tree.positions"));
            assertClose(tree.logProbabilities(), golden.floats("tree.cum_logprobs"), 1e-4);
            int[] mask = golden.ints("tree.mask");
            for (int node = 0; node < tree.size(); node++) {
                for (int other = 0; other < tree.size(); other++) {
                    assertThat(tree.sees(node, other)).isEqualTo(mask[node * tree.size() + other] == 1);
                }
            }
        }
    }

    @Test
    void shouldGiveSameDraftsFromMovedSlots() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            drafter.extend(features(golden, scope), 2, List.of(new Extension(0, golden.nextTokens())));
            drafter.copySlot(2, 0);
            assertThat(drafter.length(0)).isEqualTo(12);
            assertThat(drafter.draftChain(0, 1, DRAFTS, 0, new double[0]).tokens())
                    .isEqualTo(golden.ints("chain.tokens"));
        }
    }

    @Test
    void shouldDraftSameChainAfterRejectedDraftsAndCutBack() {
        var golden = Eagle3Golden.of("drafter-embed");
        int[] next = golden.nextTokens();
        try (var drafter = load(golden, ComputeType.FLOAT32);
                NDManager scope = drafter.manager().newSubManager()) {
            var features = features(golden, scope);
            drafter.extendAndDraft(
                    features,
                    0,
                    List.of(new Extension(0, Arrays.copyOfRange(next, 0, 7))),
                    5,
                    0,
                    new double[0],
                    ChainLimit.NONE);
            drafter.truncate(0, 4);
            var draft = drafter.extendAndDraft(
                    features,
                    0,
                    List.of(new Extension(4, Arrays.copyOfRange(next, 4, 12))),
                    5,
                    0,
                    new double[0],
                    ChainLimit.NONE);
            assertThat(draft.tokens()).isEqualTo(golden.ints("chain.tokens"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldStayNearReferenceInBfloat16(String name) {
        var golden = Eagle3Golden.of(name);
        int vocabulary = golden.drafter().config().draftVocabularySize();
        double[] expected = softmax(golden.floats("chain.logits"), 0, vocabulary, 1);
        try (var drafter = load(golden, ComputeType.BFLOAT16);
                NDManager scope = drafter.manager().newSubManager()) {
            var draft = drafter.extendAndDraft(
                    features(golden, scope),
                    0,
                    List.of(new Extension(0, golden.nextTokens())),
                    1,
                    1,
                    new double[] {0.5},
                    ChainLimit.NONE);
            float[] q = Objects.requireNonNull(draft.probabilities());
            for (int i = 0; i < vocabulary; i++) {
                assertThat((double) q[i]).isCloseTo(expected[i], within(0.01));
            }
        }
    }

    @Test
    void shouldRefuseMoreRowsThanASlotHolds() {
        var golden = Eagle3Golden.of("drafter-embed");
        try (var drafter = Eagle3Drafter.load(golden.drafter(), golden.embeddings(), ComputeType.FLOAT32, 1, 8);
                NDManager scope = drafter.manager().newSubManager()) {
            assertThatThrownBy(() ->
                            drafter.extend(features(golden, scope), 0, List.of(new Extension(0, golden.nextTokens()))))
                    .hasMessage("slot 0 holds 0 of 8 rows: no room for 12 more");
        }
    }

    private static Eagle3Drafter load(Eagle3Golden golden, ComputeType computeType) {
        return Eagle3Drafter.load(golden.drafter(), golden.embeddings(), computeType, 3, 40);
    }

    private static Features features(Eagle3Golden golden, NDManager owner) {
        var tensor = golden.tensor("aux_features");
        return Features.of(NativeArrays.of(owner, tensor));
    }

    private static double[] softmax(float[] logits, int from, int size, double temperature) {
        double[] weights = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            weights[i] = Math.exp(logits[from + i] / temperature);
            sum += weights[i];
        }
        for (int i = 0; i < size; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance));
        }
    }
}
