package dev.respec.scorer;

import java.util.Arrays;

/**
 * Rewards of one group relative to each other, as GRPO uses them: (r − mean) / (deviation + 1e-4) with the sample
 * standard deviation (n − 1). Equal rewards, and a single one, give 0.
 */
public final class GroupAdvantages {
    /** TRL's constant; keeps near-equal groups from exploding. */
    private static final double EPSILON = 1e-4;

    private final double mean;
    private final double deviation;
    private final double[] advantages;

    private GroupAdvantages(double mean, double deviation, double[] advantages) {
        this.mean = mean;
        this.deviation = deviation;
        this.advantages = advantages;
    }

    /** Of a group's rewards, one per rollout and at least one. */
    public static GroupAdvantages of(double... rewards) {
        if (rewards.length == 0) {
            throw new IllegalArgumentException("a group without rewards has no advantages");
        }
        double mean = Arrays.stream(rewards).average().orElseThrow();
        boolean equal = Arrays.stream(rewards).allMatch(reward -> reward == rewards[0]);
        // Exactly 0 for equal rewards, whatever the mean's rounding.
        if (equal) {
            return new GroupAdvantages(rewards[0], 0, new double[rewards.length]);
        }
        double squares =
                Arrays.stream(rewards).map(r -> (r - mean) * (r - mean)).sum();
        double deviation = Math.sqrt(squares / (rewards.length - 1));
        double[] advantages = Arrays.stream(rewards)
                .map(reward -> (reward - mean) / (deviation + EPSILON))
                .toArray();
        return new GroupAdvantages(mean, deviation, advantages);
    }

    public double mean() {
        return mean;
    }

    public double deviation() {
        return deviation;
    }

    public double advantage(int index) {
        return advantages[index];
    }
}
