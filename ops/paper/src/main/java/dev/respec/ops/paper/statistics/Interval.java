package dev.respec.ops.paper.statistics;

import org.apache.commons.statistics.distribution.TDistribution;

/** A confidence interval of a mean, from Student's t. Its ends are NaN if there are too few measurements. */
public record Interval(double mean, double low, double high) {
    static Interval around(double mean, double standardError, double degrees, double confidence) {
        if (standardError == 0) {
            return new Interval(mean, mean, mean);
        }
        if (!(degrees >= 1) || !Double.isFinite(standardError)) {
            return new Interval(mean, Double.NaN, Double.NaN);
        }
        double half = TDistribution.of(degrees).inverseCumulativeProbability(0.5 + confidence / 2) * standardError;
        return new Interval(mean, mean - half, mean + half);
    }

    public boolean isKnown() {
        return Double.isFinite(low) && Double.isFinite(high);
    }

    /**
     * Two one-sided tests (Schuirmann 1987) at a level of (1 − confidence) / 2: the difference is shown to be smaller than
     * the margin if the whole interval is.
     */
    public boolean within(double margin) {
        return isKnown() && low > -margin && high < margin;
    }
}
