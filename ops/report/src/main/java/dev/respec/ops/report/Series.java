package dev.respec.ops.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** A named curve. NaN leaves a gap. Not a record: it holds arrays. */
public final class Series {
    public enum Style {
        LINE,
        /** Under a smoothed line of the same colour: the values themselves. */
        DOTS,
        /** Holds its value until the next point. */
        STEPS,
        /** The area between two curves of the colour: the lower one forth, the upper one back; no legend of its own. */
        BAND,
        /** A bound or another reference. */
        DASHED
    }

    private final String name;
    private final int colour;
    private final Style style;
    private final double[] x;
    private final double[] y;

    /** @param colour 1 to 8, the page's palette */
    public Series(String name, int colour, Style style, double[] x, double[] y) {
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

    /**
     * Mean over a centred window of points. Single values that are missing are passed over, so that the line does not
     * break at them; it breaks at {@link Gaps}, and no window reaches over one.
     */
    Series smoothed(String smoothedName, int window) {
        int[] known =
                IntStream.range(0, y.length).filter(i -> !Double.isNaN(y[i])).toArray();
        double longest = Gaps.longestStep(
                Arrays.stream(known).mapToDouble(i -> x[i]).sorted().toArray());
        DoubleStream.Builder at = DoubleStream.builder();
        DoubleStream.Builder means = DoubleStream.builder();
        int begin = 0;
        while (begin < known.length) {
            int end = begin + 1;
            while (end < known.length && x[known[end]] - x[known[end - 1]] <= longest) {
                end++;
            }
            for (int i = begin; i < end; i++) {
                at.add(x[known[i]]);
                means.add(mean(known, Math.max(begin, i - window / 2), Math.min(end - 1, i + window / 2)));
            }
            if (end < known.length) {
                at.add((x[known[end - 1]] + x[known[end]]) / 2);
                means.add(Double.NaN);
            }
            begin = end;
        }
        return new Series(
                smoothedName,
                colour,
                Style.LINE,
                at.build().toArray(),
                means.build().toArray());
    }

    private double mean(int[] known, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToDouble(j -> y[known[j]])
                .average()
                .orElseThrow();
    }
}
