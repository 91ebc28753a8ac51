package dev.respec.ops.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Curves over a common x axis. */
public final class LineChart {
    private final String description;
    private final String xLabel;
    private final List<Series> series = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private double lowest = Double.NaN;
    private double highest = Double.NaN;

    public LineChart(String description, String xLabel) {
        this.description = description;
        this.xLabel = xLabel;
    }

    public LineChart add(Series added) {
        if (!added.isEmpty()) {
            series.add(added);
        }
        return this;
    }

    /** The y axis reaches at least over [low, high]. */
    public LineChart covering(double low, double high) {
        lowest = low;
        highest = high;
        return this;
    }

    /** The x axis has these named places at 0, 1, 2 and so on, in place of numbers. */
    public LineChart overPlaces(List<String> names) {
        places.addAll(names);
        return this;
    }

    /** The picture and its legend; says so if there is nothing to draw. */
    public String render() {
        if (series.isEmpty()) {
            return Legend.NO_DATA;
        }
        Frame frame = frame();
        Svg svg = new Svg(Frame.WIDTH, Frame.HEIGHT, description);
        frame.drawHorizontal(svg);
        if (places.isEmpty()) {
            frame.drawVertical(svg, xLabel);
        } else {
            drawPlaces(svg, frame);
        }
        Legend legend = new Legend();
        for (Series each : series) {
            draw(svg, frame, each);
            if (each.style() != Series.Style.DOTS && each.style() != Series.Style.BAND) {
                legend.line(each.name(), each.colour(), each.style() == Series.Style.DASHED);
            }
        }
        return legend.render() + svg.end();
    }

    private void drawPlaces(Svg svg, Frame frame) {
        for (int place = 0; place < places.size(); place++) {
            svg.text("tick", frame.x().pixel(place), Frame.BOTTOM + 15, "middle", places.get(place));
        }
        Frame.drawLabel(svg, xLabel);
    }

    private Frame frame() {
        double lowX = all(true).min().orElse(0);
        double highX = all(true).max().orElse(1);
        double lowY = Math.min(all(false).min().orElse(0), Double.isNaN(lowest) ? Double.MAX_VALUE : lowest);
        double highY = Math.max(all(false).max().orElse(1), Double.isNaN(highest) ? -Double.MAX_VALUE : highest);
        return new Frame(
                Scale.exact(lowX, highX, 8, Frame.LEFT, Frame.RIGHT - 8),
                Scale.nice(lowY, highY, 4, Frame.BOTTOM, Frame.TOP));
    }

    private java.util.stream.DoubleStream all(boolean xValues) {
        return series.stream()
                .flatMapToDouble(
                        each -> IntStream.range(0, each.size()).mapToDouble(i -> xValues ? each.x(i) : each.y(i)))
                .filter(value -> !Double.isNaN(value));
    }

    private static void draw(Svg svg, Frame frame, Series each) {
        if (each.style() == Series.Style.DOTS) {
            for (int i = 0; i < each.size(); i++) {
                if (!Double.isNaN(each.y(i))) {
                    svg.circle(
                            "dot s" + each.colour(),
                            frame.x().pixel(each.x(i)),
                            frame.y().pixel(each.y(i)),
                            2,
                            String.format(Locale.ROOT, "%s: %.4g at %.4g", each.name(), each.y(i), each.x(i)));
                }
            }
            return;
        }
        if (each.style() == Series.Style.BAND) {
            svg.path("band s" + each.colour(), pathOf(frame, each) + "Z");
            return;
        }
        String cssClass = each.style() == Series.Style.DASHED ? "curve dashed s" : "curve s";
        svg.path(cssClass + each.colour(), pathOf(frame, each));
    }

    private static String pathOf(Frame frame, Series each) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < each.size(); i++) {
            if (Double.isNaN(each.y(i))) {
                drawing = false;
                continue;
            }
            String x = Svg.number(frame.x().pixel(each.x(i)));
            String y = Svg.number(frame.y().pixel(each.y(i)));
            if (drawing && each.style() == Series.Style.STEPS) {
                path.append('H').append(x).append('V').append(y);
            } else {
                path.append(drawing ? 'L' : 'M').append(x).append(' ').append(y);
            }
            drawing = true;
        }
        return path.toString();
    }
}
