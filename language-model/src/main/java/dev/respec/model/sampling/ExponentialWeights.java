package dev.respec.model.sampling;

/**
 * exp over a row, in loops that the compiler turns into vector instructions: about three times as fast as Math.exp on a
 * large vocabulary. exp(x) = exp(x/64)^64, the inner one a Taylor polynomial of degree 13; relative error below 1e-10
 * for x ≥ -20. What is below e^-45 of the most likely token becomes exactly 0.
 */
final class ExponentialWeights {
    private static final double FLOOR = -45;
    private static final double SHRINK = 1.0 / 64;
    private static final double AT_FLOOR = atFloor();

    private ExponentialWeights() {}

    /** Replaces x by exp((x - max) · scale) in place, for x ≤ max. NaN stays NaN. */
    static void apply(double[] values, double max, double scale) {
        for (int i = 0; i < values.length; i++) {
            double y = Math.max((values[i] - max) * scale, FLOOR) * SHRINK;
            double e = 1
                    + y
                            * (1
                                    + y
                                            * (1 / 2.0
                                                    + y
                                                            * (1 / 6.0
                                                                    + y
                                                                            * (1 / 24.0
                                                                                    + y
                                                                                            * (1 / 120.0
                                                                                                    + y
                                                                                                            * (1 / 720.0
                                                                                                                    + y
                                                                                                                            * (1
                                                                                                                                            / 5040.0
                                                                                                                                    + y
                                                                                                                                            * (1
                                                                                                                                                            / 40320.0
                                                                                                                                                    + y
                                                                                                                                                            * (1
                                                                                                                                                                            / 362880.0
                                                                                                                                                                    + y
                                                                                                                                                                            * (1
                                                                                                                                                                                            / 3628800.0
                                                                                                                                                                                    + y
                                                                                                                                                                                            * (1
                                                                                                                                                                                                            / 39916800.0
                                                                                                                                                                                                    + y
                                                                                                                                                                                                            * (1
                                                                                                                                                                                                                            / 479001600.0
                                                                                                                                                                                                                    + y
                                                                                                                                                                                                                            * (1
                                                                                                                                                                                                                                    / 6227020800.0)))))))))))));
            e *= e;
            e *= e;
            e *= e;
            e *= e;
            e *= e;
            e *= e;
            values[i] = Math.max(0, e - AT_FLOOR);
        }
    }

    /** Sum in four interleaved parts, which hides the latency of the additions. */
    static double sum(double[] values) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < values.length; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < values.length; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }

    /** The polynomial's own value at the floor, subtracted so that a masked logit has weight 0, not e^-45. */
    private static double atFloor() {
        double y = FLOOR * SHRINK;
        double term = 1;
        double e = 1;
        for (int k = 1; k <= 13; k++) {
            term *= y / k;
            e += term;
        }
        return Math.pow(e, 64) * (1 + 1e-9);
    }
}
