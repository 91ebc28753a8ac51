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
            case REWARD -> rewards(rollouts, 1);
            case FAILURES -> rewards(rollouts, -1);
            case ADVANTAGE ->
                rollouts.stream()
                        .mapToDouble(rollout -> Math.exp(rollout.advantage()))
                        .toArray();
        };
        return normalised(raw);
    }

    /**
     * Rewards moved up to be non-negative if some are not; all alike if none differs from zero.
     *
     * @param sign -1 for their opposite: failed rollouts show where the policy is unsure and drafts are rejected most, which
     *     is why FastGRPO (arXiv 2509.21792) keeps them as data of its drafter
     */
    private static double[] rewards(List<TrainingRollout> rollouts, int sign) {
        double[] rewards = rollouts.stream()
                .mapToDouble(rollout -> sign * rollout.reward())
                .toArray();
        double lowest = Math.min(0, Arrays.stream(rewards).min().orElse(0));
        Arrays.setAll(rewards, i -> rewards[i] - lowest);
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
