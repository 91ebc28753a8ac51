package dev.respec.ops.report;

/** The axes all plots share: a quiet grid, tick labels, a baseline. */
record Frame(Scale x, Scale y) {
    static final double WIDTH = 560;
    static final double HEIGHT = 230;
    static final double LEFT = 46;
    static final double RIGHT = WIDTH - 10;
    static final double TOP = 10;
    static final double BOTTOM = HEIGHT - 34;

    void drawHorizontal(Svg svg) {
        for (double tick : y.ticks()) {
            double pixel = y.pixel(tick);
            svg.line(tick == y.low() ? "axis" : "grid", LEFT, pixel, RIGHT, pixel);
            svg.text("tick", LEFT - 7, pixel + 3.5, "end", y.label(tick));
        }
    }

    void drawVertical(Svg svg, String xLabel) {
        for (double tick : x.ticks()) {
            svg.text("tick", x.pixel(tick), BOTTOM + 15, "middle", x.label(tick));
        }
        drawLabel(svg, xLabel);
    }

    static void drawLabel(Svg svg, String xLabel) {
        svg.text("label", (LEFT + RIGHT) / 2, HEIGHT - 4, "middle", xLabel);
    }
}
