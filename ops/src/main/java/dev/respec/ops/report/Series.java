package dev.respec.ops.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/** A named curve. NaN leaves a gap. Not a record: it holds arrays. */
final class Series {
    enum Style {
        LINE,
        /** Under a smoothed line of the same colour: the values themselves. */
        DOTS,
        /** Holds its value until the next point. */
        STEPS,
        /** A bound or another reference. */
        DASHED
    }

    private final String name;
    private final int colour;
    private final Style style;
    private final double[] x;
    private final double[] y;

    /** @param colour 1 to 8, the page's palette */
    Series(String name, int colour, Style style, double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(name + ": " + x.length + " x values, " + y.length + " y values");
        }
        this.name = name;
        this.colour = colour;
        this.style = style;
        this.x = x.clone();
        this.y = y.clone();
    }

    String name() {
        return name;
    }

    int colour() {
        return colour;
    }

    Style style() {
        return style;
    }

    int size() {
        return x.length;
    }

    double x(int i) {
        return x[i];
    }

    double y(int i) {
        return y[i];
    }

    boolean isEmpty() {
        return Arrays.stream(y).allMatch(Double::isNaN);
    }

    /** Mean over a centred window of points; gaps are passed over, so that the line does not break at them. */
    Series smoothed(String smoothedName, int window) {
        int[] known =
                IntStream.range(0, y.length).filter(i -> !Double.isNaN(y[i])).toArray();
        double[] at = new double[known.length];
        double[] means = new double[known.length];
        for (int i = 0; i < known.length; i++) {
            int from = Math.max(0, i - window / 2);
            int to = Math.min(known.length - 1, i + window / 2);
            at[i] = x[known[i]];
            means[i] = IntStream.rangeClosed(from, to)
                    .mapToDouble(j -> y[known[j]])
                    .average()
                    .orElseThrow();
        }
        return new Series(smoothedName, colour, Style.LINE, at, means);
    }
}
