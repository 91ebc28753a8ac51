package dev.respec.learner.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.learner.TinyModels;
import dev.respec.learner.distillation.Distiller.StepOutcome;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final AdamWSettings STILL = new AdamWSettings(0, 0.9, 0.95, 1e-8, 0, 0.5);
    private static final TrainingTimeTest TEST = new TrainingTimeTest(3, 0.8);
    private static final int[] PROMPT = {3, 7};
    private static final int[] RESPONSE = {5, 1, 9, 4, 2, 8, 6};

    /** A draft rejected at depth d has the loss of pass d, and no other. */
    @Test
    void shouldTrainThePassThatDraftedAtTheDepthOfTheRejection() {
        try (var distiller = load()) {
            for (int depth = 0; depth < 3; depth++) {
                var rejected = new RejectedDrafts.Reader()
                        .accepted(depth)
                        .recovered(1)
                        .others(RESPONSE.length - depth - 1)
                        .drafts();
                var outcome = replay(distiller, 2, sequence(rejected));

                for (int pass = 0; pass < 3; pass++) {
                    assertThat(outcome.sums().lossSum(pass)).isGreaterThanOrEqualTo(0);
                    assertThat(outcome.sums().lossSum(pass) > 0).isEqualTo(pass == depth);
                }
                assertThat(outcome.replayedDrafts()).isEqualTo(1);
            }
            var tooDeep = new RejectedDrafts.Reader()
                    .accepted(3)
                    .recovered(1)
                    .others(3)
                    .drafts();
            assertThat(replay(distiller, 2, sequence(tooDeep)).gradientNorm()).isZero();
        }
    }

    /** The rejected drafts add weight · their mean loss to the mean loss of the positions. */
    @Test
    void shouldAddTheMeanLossOfTheRejectedDraftsOfABatch() {
        var first = sequence(new RejectedDrafts.Reader().recovered(1).others(6).drafts());
        var others = sequence(
                new RejectedDrafts.Reader().others(2).recovered(2).others(3).drafts());
        try (var distiller = load()) {
            double one = replay(distiller, 1, first).sums().lossSum(0) / RESPONSE.length;
            double two = replay(distiller, 1, others).sums().lossSum(0) / RESPONSE.length;
            var batch = List.of(first, others);

            var together = distiller.train(batch, new float[2], new Replay(5, List.of()), STILL);
            var plain = distiller.train(batch, new float[] {1, 1}, STILL);
            var both = distiller.train(batch, new float[] {1, 1}, new Replay(5, List.of()), STILL);

            double mean = (one + 2 * two) / 3;
            assertThat(together.sums().lossSum(0) / (2 * RESPONSE.length)).isCloseTo(5 * mean, within(1e-5));
            assertThat(together.replayedDrafts()).isEqualTo(3);
            for (int pass = 0; pass < 3; pass++) {
                assertThat(both.sums().lossSum(pass))
                        .isCloseTo(plain.sums().lossSum(pass) + together.sums().lossSum(pass), within(1e-4));
            }
            assertThat(both.sums().accuracy(0)).isEqualTo(plain.sums().accuracy(0));
        }
    }

    /** Every drawn sequence has the same share of the weight; the sums stay those of the batch. */
    @Test
    void shouldTrainOnTheRejectedDraftsOfDrawnSequencesAlone() {
        var batch = TinyModels.sequences(4, 1);
        var one = sequence(new RejectedDrafts.Reader().recovered(1).others(6).drafts());
        var three = sequence(
                new RejectedDrafts.Reader().others(2).recovered(3).others(2).drafts());
        try (var distiller = load();
                var reference = load()) {
            float[] ones = {1, 1, 1, 1};
            var settings = new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0, 0.5);

            var replayed = distiller.train(batch, ones, new Replay(3, List.of(one, three)), settings);
            var plain = reference.train(batch, ones, settings);

            assertThat(replayed.sums().lossSum(0)).isEqualTo(plain.sums().lossSum(0));
            assertThat(replayed.sums().rows()).isEqualTo(plain.sums().rows());
            assertThat(replayed.replayedDrafts()).isEqualTo(4);
            assertThat(replayed.gradientNorm()).isNotEqualTo(plain.gradientNorm());
            assertThat(new Replay(3, List.of(one, three)).ofDrawn(3)).containsExactly(1.5, 0.5);
            assertThat(new Replay(3, List.of(one, three)).ofBatch(batch, 3)).containsOnly(0);
        }
    }

    /**
     * The mean of the drawn means is an unbiased estimate of the mean over all rejected drafts: over a grid of the uniform
     * number on which the draws are constant in between, it is that mean.
     */
    @Test
    void shouldDrawWithoutBias() {
        int[] rejections = {0, 1, 5, 0, 3, 2, 1};
        double[] losses = {9, 0.3, 1.7, 9, 0.2, 4, 0.9};
        var pool = Arrays.stream(rejections)
                .mapToObj(count -> sequence(new RejectedDrafts.Reader()
                        .recovered(count)
                        .others(7 - count)
                        .drafts()))
                .toList();
        double mean = 0;
        for (int i = 0; i < rejections.length; i++) {
            mean += rejections[i] * losses[i] / 12;
        }
        int grid = 12 * 4;
        double sum = 0;
        for (int i = 0; i < grid; i++) {
            var drawn = Replay.draw(pool, 4, 3, (i + 0.5) / grid);
            assertThat(drawn).hasSize(4);
            for (var sequence : drawn) {
                int at = identity(pool, sequence);
                assertThat(rejections[at]).isPositive();
                sum += losses[at] / 4;
            }
        }
        assertThat(sum / grid).isCloseTo(mean, within(1e-12));
    }

    @Test
    void shouldDrawNothingWhereNothingWasRejected() {
        assertThat(Replay.draw(TinyModels.sequences(5, 1), 3, 3, 0.5)).isEmpty();
        assertThat(Replay.draw(List.of(), 3, 3, 0.5)).isEmpty();
    }

    private static int identity(List<TokenSequence> pool, TokenSequence sequence) {
        for (int i = 0; i < pool.size(); i++) {
            if (pool.get(i) == sequence) {
                return i;
            }
        }
        throw new AssertionError("not of the pool");
    }

    /** Weights of 0: the rejected drafts alone. */
    private static StepOutcome replay(Distiller distiller, double weight, TokenSequence sequence) {
        return distiller.train(List.of(sequence), new float[1], new Replay(weight, List.of()), STILL);
    }

    private static TokenSequence sequence(RejectedDrafts rejected) {
        return new TokenSequence(PROMPT, RESPONSE, rejected);
    }

    private static Distiller load() {
        var policy = TinyModels.policy(5);
        return Distiller.load(policy, TinyModels.drafter(policy, 6), TEST, 1);
    }
}
