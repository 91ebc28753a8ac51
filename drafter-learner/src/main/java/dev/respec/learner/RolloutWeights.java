package dev.respec.learner;

import dev.respec.stage.config.LearnerSection.Weighting;
import java.util.Arrays;
import java.util.List;

/**
 * Weight of each rollout in the distillation loss: ReSpec's w(r) (arXiv 2510.26475, Algorithm 1), positive, clipped, and
 * normalised to mean 1 over the batch so that the weighting changes no learning rate.
 */
final class RolloutWeights {
    /** A failed rollout still says how the policy writes. */
    private static final double SMALLEST = 0.1;

    private static final double LARGEST = 4;

    private RolloutWeights() {}

    static float[] of(Weighting weighting, List<TrainingRollout> rollouts) {
        double[] raw = switch (weighting) {
            case UNIFORM -> ones(rollouts.size());
            case REWARD -> rewards(rollouts);
            case ADVANTAGE ->
                rollouts.stream()
                        .mapToDouble(rollout -> Math.exp(rollout.advantage()))
                        .toArray();
        };
        return normalised(raw);
    }

    /** Rewards moved up to be non-negative where some are not; all alike where none differs from zero. */
    private static double[] rewards(List<TrainingRollout> rollouts) {
        double lowest =
                rollouts.stream().mapToDouble(TrainingRollout::reward).min().orElse(0);
        double[] rewards = rollouts.stream()
                .mapToDouble(rollout -> rollout.reward() - Math.min(0, lowest))
                .toArray();
        return Arrays.stream(rewards).sum() > 0 ? rewards : ones(rewards.length);
    }

    private static float[] normalised(double[] raw) {
        double mean = Arrays.stream(raw).average().orElse(1);
        double[] clipped = Arrays.stream(raw)
                .map(weight -> Math.max(SMALLEST, Math.min(LARGEST, weight / mean)))
                .toArray();
        double clippedMean = Arrays.stream(clipped).average().orElse(1);
        float[] weights = new float[raw.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (clipped[i] / clippedMean);
        }
        return weights;
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
