package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.respec.model.CollectedHeap;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.training.AdamWSettings;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A drafter that is used after the heap was collected is the one that was loaded. */
class FreedMemoryTest {
    private static final int DRAFTS = 5;

    @RepeatedTest(10)
    void shouldDraftTheReferencesTokensAfterCollection() throws InterruptedException {
        // Given a draft vocabulary of its own
        var golden = Eagle3Golden.of("drafter-embed");
        assertThat(golden.drafter().config().draftVocabularySize()).isLessThan(96);
        try (var drafter = Eagle3Drafter.load(golden.drafter(), golden.embeddings(), ComputeType.FLOAT32, 1, 40);
                NDManager scope = drafter.manager().newSubManager()) {
            // When
            CollectedHeap.reuse();
            drafter.extend(features(golden, scope), 0, List.of(new Extension(0, golden.nextTokens())));
            var draft = drafter.draftChain(0, 1, DRAFTS, 0, new double[0]);
            var tree = drafter.draftTrees(0, new int[] {golden.nextTokens()[11]}, new TreeShape(4, 4, 16));
            // Then
            assertThat(draft.tokens()).isEqualTo(golden.ints("chain.tokens"));
            assertThat(tree.get(0).tokens()).isEqualTo(golden.ints("tree.tokens"));
        }
    }

    @RepeatedTest(5)
    void shouldDraftTheReferencesTokensWithAdoptedWeightsAfterCollection() throws InterruptedException {
        var golden = Eagle3Golden.of("drafter-embed");
        var fresh =
                Eagle3Checkpoint.random(golden.drafter().config(), draftIds(golden.drafter()), golden.embeddings(), 3);
        try (var drafter = Eagle3Drafter.load(fresh, golden.embeddings(), ComputeType.FLOAT32, 1, 40);
                NDManager scope = drafter.manager().newSubManager()) {
            drafter.adopt(golden.drafter(), golden.embeddings());
            CollectedHeap.reuse();
            drafter.extend(features(golden, scope), 0, List.of(new Extension(0, golden.nextTokens())));
            assertThat(drafter.draftChain(0, 1, DRAFTS, 0, new double[0]).tokens())
                    .isEqualTo(golden.ints("chain.tokens"));
        }
    }

    /** The embedding half of the projections is tabulated for small vocabularies only. */
    @Test
    void shouldKeepEmbeddingsThatAreTooLargeForATable() throws InterruptedException {
        // Given
        int vocabulary = 32_768;
        var target = Eagle3Golden.of("drafter-embed").drafter().config();
        var config =
                new Eagle3Config(64, 64, 96, 4, 2, 64, vocabulary, 256, 1e-6, target.rope(), false, 128, List.of());
        int[] ids = new int[256];
        Arrays.setAll(ids, i -> 3 * i + 1);
        var embeddings = random(vocabulary, 64);
        var checkpoint = Eagle3Checkpoint.random(config, ids, embeddings, 11);
        int[] expected = new int[0];
        for (int round = 0; round < 6; round++) {
            try (var drafter = Eagle3Drafter.load(checkpoint, embeddings, ComputeType.FLOAT32, 1, 40);
                    NDManager scope = drafter.manager().newSubManager()) {
                // When: the first drafter drafts at once, the others behind a collection
                if (round > 0) {
                    CollectedHeap.reuse();
                }
                var features = Features.of(NativeArrays.of(scope, random(8, 192)));
                drafter.extend(features, 0, List.of(new Extension(0, new int[] {5, 90, 7, 1, 2, 3, 4, 8})));
                int[] tokens =
                        drafter.draftChain(0, 1, DRAFTS, 0, new double[0]).tokens();
                // Then
                assertThat(Arrays.stream(tokens)).allMatch(token -> token % 3 == 1 && token < 768);
                expected = round == 0 ? tokens : expected;
                assertThat(tokens).isEqualTo(expected);
            }
        }
    }

    @RepeatedTest(5)
    void shouldTrainAsBeforeAfterCollection() throws InterruptedException {
        var golden = Eagle3Golden.of("drafter-embed");
        var settings = new AdamWSettings(1e-3, 0.9, 0.95, 1e-8, 0.1, 0.5);
        float[] expected = step(golden, settings, false);
        assertThat(step(golden, settings, true)).isEqualTo(expected);
    }

    private static float[] step(Eagle3Golden golden, AdamWSettings settings, boolean collects)
            throws InterruptedException {
        var test = new TrainingTimeTest(3, 0.8);
        try (var trainer = Eagle3Trainer.load(golden.drafter(), golden.embeddings(), test, 1);
                NDManager scope = trainer.manager().newSubManager()) {
            var batch = golden.batch(scope, weights(golden));
            if (collects) {
                CollectedHeap.reuse();
            }
            trainer.accumulate(batch, 10);
            if (collects) {
                CollectedHeap.reuse();
            }
            trainer.step(settings);
            return trainer.checkpoint().tensor("fc.weight").toFloats();
        }
    }

    private static float[] weights(Eagle3Golden golden) {
        var weights = new float[(int) golden.tensor("train.input_ids").shape()[0]];
        Arrays.fill(weights, 1);
        return weights;
    }

    private static int[] draftIds(Eagle3Checkpoint checkpoint) {
        return Arrays.stream(checkpoint.targetIds()).mapToInt(Math::toIntExact).toArray();
    }

    private static Features features(Eagle3Golden golden, NDManager owner) {
        return Features.of(NativeArrays.of(owner, golden.tensor("aux_features")));
    }

    private static HostTensor random(int rows, int columns) {
        var random = new SplittableRandom(rows);
        var values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return HostTensor.ofFloats(values, rows, columns);
    }
}
