package dev.respec.controller;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * What the rest of a machine does to the time of a step: a factor that wanders, as it was measured beside a training thread
 * that takes one of two cores (docs/LOG.md, "The controller's pairs"). Its logarithm is a sum of three Ornstein-Uhlenbeck
 * processes and of what each step has of its own. Averaged over 2, 10, 40, 160 and 640 ms of work, the logarithms' standard deviation is 0.69, 0.55, 0.45, 0.37
 * and 0.27 in the record, and it is nearly normal (kurtosis 2.6 to 3.0).
 */
final class Slowness {
    private static final double[] MILLISECONDS = {4, 60, 600};
    private static final double[] VARIANCES = {0.15, 0.10, 0.06};
    private static final double OF_A_STEP = 0.45;
    private static final double SLICE = 1;

    private final Random random;
    private final double share;
    private final double[] logarithms = new double[MILLISECONDS.length];

    /** @param share of the measured standard deviation; 1 for all of it */
    Slowness(Random random, double share) {
        this.random = random;
        this.share = share;
    }

    /**
     * Time that a step of so much work takes from now on.
     *
     * @param load slows everything in addition; by milliseconds
     */
    double milliseconds(double work, double now, DoubleUnaryOperator load) {
        double left = work * Math.exp(share * OF_A_STEP * random.nextGaussian());
        double took = 0;
        while (left > 0) {
            double slow = advance() * load.applyAsDouble(now + took);
            double slice = Math.min(SLICE, left * slow);
            took += slice;
            left -= slice / slow;
            left = left < 1e-9 ? 0 : left;
        }
        return took;
    }

    private double advance() {
        double sum = 0;
        for (int i = 0; i < logarithms.length; i++) {
            double keep = Math.exp(-SLICE / MILLISECONDS[i]);
            logarithms[i] =
                    keep * logarithms[i] + share * Math.sqrt(VARIANCES[i] * (1 - keep * keep)) * random.nextGaussian();
            sum += logarithms[i];
        }
        return Math.exp(sum);
    }
}
