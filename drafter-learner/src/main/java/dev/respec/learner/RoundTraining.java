package dev.respec.learner;

import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.distillation.Replay;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.eagle3.DistillationSums;
import dev.respec.model.training.AdamWSettings;
import dev.respec.stage.config.LearnerSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The training of a round: every fresh rollout once, in an order that seed and round decide; or a single step over all of
 * them.
 */
final class RoundTraining {
    private final LearnerSection settings;
    private final long seed;
    private final RolloutBuffer buffer;
    private final Distiller distiller;

    RoundTraining(LearnerSection settings, long seed, RolloutBuffer buffer, Distiller distiller) {
        this.settings = settings;
        this.seed = seed;
        this.buffer = buffer;
        this.distiller = distiller;
    }

    /** What a round trained on. */
    record Trained(
            List<TrainingRollout> rollouts,
            int steps,
            DistillationSums sums,
            double gradientNorm,
            long replayedDrafts) {}

    /**
     * Trains batches of what is fresh in the buffer.
     *
     * @param budget time for them; the first is always trained
     * @param finishedRounds rounds before this one
     * @param share of the fresh rollouts to train on, above 0
     */
    Trained run(Duration budget, long finishedRounds, double share) {
        if (settings.update() == LearnerSection.Update.ALGORITHM_1) {
            return singleStep(share);
        }
        long deadline = System.nanoTime() + budget.toNanos();
        var random = new Random(seed * 0x9E3779B97F4A7C15L + finishedRounds);
        var round = buffer.takeRound(settings.batchRollouts(), random, share);
        var used = new ArrayList<TrainingRollout>();
        var sums = DistillationSums.none(settings.tttLength());
        var pool = isDrawn() ? buffer.trainingTokens() : List.<TokenSequence>of();
        double norm = 0;
        int steps = 0;
        long replayed = 0;
        for (int from = 0; from < round.size(); from += settings.batchRollouts()) {
            if (steps > 0 && System.nanoTime() >= deadline) {
                break;
            }
            var batch = round.subList(from, Math.min(round.size(), from + settings.batchRollouts()));
            var outcome = distiller.train(
                    batch.stream().map(TrainingRollout::tokens).toList(),
                    RolloutWeights.of(settings.weighting(), batch),
                    replay(pool, random),
                    optimiser());
            sums = sums.plus(outcome.sums());
            norm = outcome.gradientNorm();
            replayed += outcome.replayedDrafts();
            used.addAll(batch);
            steps++;
        }
        return new Trained(used, steps, sums, norm, replayed);
    }

    private boolean isDrawn() {
        return settings.replay() > 0 && settings.replayRollouts() > 0;
    }

    private Replay replay(List<TokenSequence> pool, Random random) {
        var drawn = isDrawn()
                ? Replay.draw(pool, settings.replayRollouts(), settings.tttLength(), random.nextDouble())
                : List.<TokenSequence>of();
        return new Replay(settings.replay(), drawn);
    }

    /**
     * ReSpec's Algorithm 1 (arXiv 2510.26475): θ ← θ − η ∇ Σ w(r) KL over the whole buffer, which is then cleared. Nothing
     * is left to draw from, so that replay takes the rejected drafts of the buffer itself.
     */
    private Trained singleStep(double share) {
        var round = buffer.takeAll(share);
        if (round.isEmpty()) {
            return new Trained(round, 0, DistillationSums.none(settings.tttLength()), 0, 0);
        }
        var outcome = distiller.train(
                round.stream().map(TrainingRollout::tokens).toList(),
                RolloutWeights.of(settings.weighting(), round),
                new Replay(settings.replay(), List.of()),
                optimiser());
        return new Trained(round, 1, outcome.sums(), outcome.gradientNorm(), outcome.replayedDrafts());
    }

    private AdamWSettings optimiser() {
        return new AdamWSettings(
                settings.learningRate(),
                settings.betas().get(0),
                settings.betas().get(1),
                1e-8,
                0,
                settings.clip());
    }
}
