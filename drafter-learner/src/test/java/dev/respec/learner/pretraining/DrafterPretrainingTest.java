package dev.respec.learner.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.learner.TinyModels;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TokenBatch;
import dev.respec.model.training.TrainableModel;
import dev.respec.stage.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrafterPretrainingTest {
    @Test
    void shouldLearnToDraftForThePolicy(@TempDir Path directory) {
        var policy = TinyModels.policy(5);
        int[] ids = DraftVocabularies.mostFrequent(TinyModels.sequences(50, 1), TinyModels.VOCABULARY, 12);
        var fresh = DrafterPretraining.freshDrafter(policy, Eagle3Config.forTarget(policy.config()), ids, 3);
        var settings = new DrafterPretrainingSettings(
                60,
                256,
                64,
                2,
                5,
                new AdamWSettings(3e-3, 0.9, 0.95, 1e-8, 0, 0.5),
                new TrainingTimeTest(3, 0.8),
                59,
                1);
        var progress = new ArrayList<DrafterPretrainingProgress>();
        try (var responses = new PolicyResponses(policy, prompts(11), 1, 16, 8, 1);
                var heldOutResponses = new PolicyResponses(policy, prompts(12), 1, 16, 8, 2)) {
            var heldOut = Stream.generate(heldOutResponses::next).limit(20).toList();
            // When
            var drafter = new DrafterPretraining(policy, fresh, responses, heldOut, settings).run(progress::add);
            // Then
            drafter.write(directory);
            assertThat(Eagle3Checkpoint.read(directory).tensors())
                    .containsOnlyKeys(drafter.tensors().keySet());
        }
        assertThat(progress).hasSize(60);
        assertThat(progress.get(59).loss()).isLessThan(progress.get(0).loss());
        assertThat(progress.get(59).heldOut()).isPresent();
        assertThat(progress.get(59).heldOut().orElseThrow().acceptanceLength()).isGreaterThan(1.5);
        assertThat(progress.get(30).heldOut()).isEmpty();
    }

    @Test
    void shouldEndWithTheSequences() {
        var policy = TinyModels.policy(5);
        var settings = DrafterPretrainingSettings.forSmallModels(100, 1);
        var progress = new ArrayList<DrafterPretrainingProgress>();
        var sequences = TinyModels.sequences(30, 4);
        new DrafterPretraining(policy, TinyModels.drafter(policy, 6), sequences.iterator(), List.of(), settings)
                .run(progress::add);
        assertThat(progress).hasSize(1);
        assertThat(progress.get(0).tokens())
                .isEqualTo(
                        4L * sequences.stream().mapToInt(TokenSequence::length).sum());
    }

    @Test
    void shouldGiveEachSequenceAsOftenAsAskedPoolByPool() {
        var sequences = TinyModels.sequences(5, 4);
        var replayed = new ReplayedSequences(sequences.iterator(), 2, 3, Long.MAX_VALUE / 4, 1);
        var given = new ArrayList<TokenSequence>();
        replayed.forEachRemaining(given::add);
        assertThat(given.subList(0, 6)).containsOnly(sequences.get(0), sequences.get(1));
        for (var sequence : sequences) {
            assertThat(given).filteredOn(sequence::equals).hasSize(3);
        }
    }

    @Test
    void shouldSampleNoMoreThanTheStepsWillRead() {
        // Given sequences without end, and 100 tokens to be learnt from, each sequence three times
        var sequence = TinyModels.sequences(1, 4).get(0);
        int[] sampled = {0};
        var endless = Stream.generate(() -> {
                    sampled[0]++;
                    return sequence;
                })
                .iterator();
        var replayed = new ReplayedSequences(endless, 1000, 3, 100, 1);
        // When
        for (int tokens = 0; tokens < 100; tokens += sequence.length()) {
            replayed.next();
        }
        // Then a third of them was sampled, rounded up to whole sequences
        assertThat(sampled[0]).isEqualTo((int) Math.ceil(Math.ceil(100.0 / 3) / sequence.length()));
    }

    @Test
    void shouldSayThatNoPromptLeavesRoomForAResponse() {
        var policy = TinyModels.policy(5);
        var prompts = Stream.generate(() -> new int[] {3, 7}).iterator();
        int positions = policy.config().maxPositions();
        try (var responses = new PolicyResponses(policy, prompts, 1, positions, 7, 5)) {
            assertThatThrownBy(responses::hasNext)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("lower sampling.max-tokens");
        }
    }

    @Test
    void shouldSampleEachPromptOnceFromThePolicysDistribution() {
        // Given a policy asked for one token after the same prompt, again and again
        var policy = TinyModels.policy(5);
        int[] prompt = {3, 7};
        int samples = 4000;
        var prompts = Stream.generate(() -> prompt).limit(samples).iterator();
        double[] shares = new double[TinyModels.VOCABULARY];
        int count = 0;
        try (var responses = new PolicyResponses(policy, prompts, 1, 1, 7, 5)) {
            while (responses.hasNext()) {
                var sequence = responses.next();
                assertThat(sequence.prompt()).isEqualTo(prompt);
                shares[sequence.response()[0]] += 1.0 / samples;
                count++;
            }
        }
        assertThat(count).isEqualTo(samples);
        // Then each token's share is its probability, within five standard deviations
        try (var model = TrainableModel.load(policy, 1)) {
            for (int token = 0; token < TinyModels.VOCABULARY; token++) {
                var batch = new TokenBatch(List.of(prompt), List.of(new int[] {token}));
                double probability = Math.exp(model.logProbabilities(batch)[0][0]);
                double deviation = Math.sqrt(probability * (1 - probability) / samples);
                assertThat(shares[token]).isCloseTo(probability, within(5 * deviation + 1e-9));
            }
        }
    }

    @Test
    void shouldTakeTheMostFrequentTokensInOrder() {
        var sequences = List.of(new TokenSequence(new int[] {1}, new int[] {5, 5, 2, 9, 9, 9, 4}));
        assertThat(DraftVocabularies.mostFrequent(sequences, 3, 12)).containsExactly(2, 5, 9);
    }

    private static Iterator<int[]> prompts(long seed) {
        var random = new Random(seed);
        return Stream.generate(() -> random.ints(2 + random.nextInt(3), 1, TinyModels.VOCABULARY)
                        .toArray())
                .iterator();
    }
}
