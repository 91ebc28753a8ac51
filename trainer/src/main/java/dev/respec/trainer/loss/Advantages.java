package dev.respec.trainer.loss;

/**
 * Group-relative advantages.
 *
 * <p>Deviations are sample deviations (n − 1), as in TRL; a group whose rewards are all equal gets exact zeros.
 */
public final class Advantages {
    private static final double EPSILON = 1e-4;

    private final double[] values;
    private final boolean[] zeroVariance;
    private final int groupSize;

    private Advantages(double[] values, boolean[] zeroVariance, int groupSize) {
        this.values = values;
        this.zeroVariance = zeroVariance;
        this.groupSize = groupSize;
    }

    /**
     * Computes the advantages of a step.
     *
     * @param rewards one reward a rollout, rollouts of a group adjacent
     * @param groupSize rollouts a group
     * @param kind baseline and scale
     */
    public static Advantages of(double[] rewards, int groupSize, AdvantageKind kind) {
        if (groupSize < 1 || rewards.length % groupSize != 0) {
            throw new IllegalArgumentException(rewards.length + " rewards do not make groups of " + groupSize);
        }
        var batchScale = deviation(rewards, 0, rewards.length) + EPSILON;
        var values = new double[rewards.length];
        var zeroVariance = new boolean[rewards.length / groupSize];
        for (int group = 0; group < zeroVariance.length; group++) {
            var from = group * groupSize;
            zeroVariance[group] = allEqual(rewards, from, groupSize);
            if (zeroVariance[group]) {
                continue;
            }
            var mean = mean(rewards, from, groupSize);
            var factor = switch (kind) {
                case GROUP -> 1 / (deviation(rewards, from, groupSize) + EPSILON);
                case BATCH -> 1 / batchScale;
                case NONE -> 1;
                case LEAVE_ONE_OUT -> groupSize / (groupSize - 1.0);
            };
            for (int i = from; i < from + groupSize; i++) {
                values[i] = (rewards[i] - mean) * factor;
            }
        }
        return new Advantages(values, zeroVariance, groupSize);
    }

    /** Advantage of a rollout. */
    public double get(int rollout) {
        return values[rollout];
    }

    /** Whether the rollout's group has equal rewards, so that nothing can be learned from it. */
    public boolean zeroVariance(int rollout) {
        return zeroVariance[rollout / groupSize];
    }

    /** Groups with equal rewards. */
    public int zeroVarianceGroups() {
        var count = 0;
        for (var group : zeroVariance) {
            count += group ? 1 : 0;
        }
        return count;
    }

    /** Sample deviation of a slice; 0 for fewer than two values. */
    public static double deviation(double[] values, int from, int count) {
        if (count < 2) {
            return 0;
        }
        var mean = mean(values, from, count);
        var squares = 0.0;
        for (int i = from; i < from + count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        return Math.sqrt(squares / (count - 1));
    }

    private static double mean(double[] values, int from, int count) {
        var sum = 0.0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return sum / count;
    }

    private static boolean allEqual(double[] values, int from, int count) {
        for (int i = from + 1; i < from + count; i++) {
            if (values[i] != values[from]) {
                return false;
            }
        }
        return true;
    }
}
