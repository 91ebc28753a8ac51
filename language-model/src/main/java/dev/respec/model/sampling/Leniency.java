package dev.respec.model.sampling;

/**
 * By how much a process accepts sampled drafts too often: token x is accepted with min(1, leniency · p(x)/q(x)). It is 1,
 * lossless, unless the process's own program sets it before it loads a model; no configuration reaches it. An experiment
 * does, to see what lossy verification costs.
 */
public final class Leniency {
    private static volatile double factor = 1;

    private Leniency() {}

    /** Makes every verifier lossy that this process creates from now on. */
    public static void set(double leniency) {
        if (!(leniency > 1 && leniency < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a leniency of %s: expected a number above 1".formatted(leniency));
        }
        factor = leniency;
    }

    static double ofThisProcess() {
        return factor;
    }
}
