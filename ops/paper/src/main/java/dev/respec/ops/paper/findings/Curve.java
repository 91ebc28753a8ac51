package dev.respec.ops.paper.findings;

import java.util.List;

/**
 * Values over the x axis of a plot.
 *
 * @param origin who measured it
 * @param x numbers, or places of the plot counted from 0
 * @param mean one per x; NaN leaves a gap
 * @param spread standard deviation over seeds, one per x; empty if there is one measurement only
 */
public record Curve(String name, Origin origin, List<Double> x, List<Double> mean, List<Double> spread) {
    /** Who measured a curve. */
    public enum Origin {
        OURS,
        PAPER,
        /** Nobody: a bound, or another line for comparison. */
        REFERENCE
    }

    public Curve {
        x = List.copyOf(x);
        mean = List.copyOf(mean);
        spread = List.copyOf(spread);
        if (x.size() != mean.size() || (!spread.isEmpty() && spread.size() != mean.size())) {
            throw new IllegalArgumentException(
                    "%s: %d x values, %d means, %d spreads".formatted(name, x.size(), mean.size(), spread.size()));
        }
    }
}
