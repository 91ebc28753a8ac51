package dev.respec.model.sampling;

/**
 * exp over parts of a row, in loops that the compiler turns into vector instructions: about five times as fast as Math.exp
 * on a large vocabulary. exp(x) = exp(x/1024)^1024, the inner one a Taylor polynomial of degree 7; relative error below
 * 1e-11 for x ≥ -20. What is below e^-45 of the most likely token becomes exactly 0.
 */
final class ExponentialWeights {
    private static final double FLOOR = -45;
    private static final double SHRINK = 1.0 / 1024;

    /** The value at the floor, subtracted so that a masked logit has weight 0, not e^-45. */
    private static final double AT_FLOOR = of(FLOOR * SHRINK) * (1 + 1e-9);

    private ExponentialWeights() {}

    /** Replaces x by exp((x - max) · scale) in place, for x ≤ max. NaN stays NaN. */
    static void apply(double[] values, int from, int to, double max, double scale) {
        for (int i = from; i < to; i++) {
            values[i] = of(values[i], max, scale);
        }
    }

    /** exp((x - max) · scale), the same as in a row. */
    static double of(double x, double max, double scale) {
        return Math.max(0, of(Math.max((x - max) * scale, FLOOR) * SHRINK) - AT_FLOOR);
    }

    /** exp(1024 y) for small y ≤ 0. */
    private static double of(double y) {
        double e = 1 / 5040.0;
        e = e * y + 1 / 720.0;
        e = e * y + 1 / 120.0;
        e = e * y + 1 / 24.0;
        e = e * y + 1 / 6.0;
        e = e * y + 1 / 2.0;
        e = e * y + 1;
        e = e * y + 1;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        return e * e;
    }

    /** Sum in four interleaved parts, which hides the latency of the additions. */
    static double sum(double[] values, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < to; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < to; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }
}
