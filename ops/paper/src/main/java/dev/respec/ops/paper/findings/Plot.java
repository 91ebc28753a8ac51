package dev.respec.ops.paper.findings;

import java.util.List;

/**
 * A figure's plot, in the axes of the paper's figure.
 *
 * @param places names along the x axis; empty for an axis of numbers
 */
public record Plot(String title, String xLabel, String yLabel, Shape shape, List<String> places, List<Curve> curves) {
    /** How the curves are drawn. */
    public enum Shape {
        LINES,
        BARS,
        /** Bars on top of each other, one place each. */
        STACKED
    }

    public Plot {
        places = List.copyOf(places);
        curves = List.copyOf(curves);
        if (shape != Shape.LINES && places.isEmpty()) {
            throw new IllegalArgumentException(title + ": bars need named places");
        }
    }
}
