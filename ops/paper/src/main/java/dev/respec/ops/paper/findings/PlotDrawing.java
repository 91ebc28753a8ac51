package dev.respec.ops.paper.findings;

import dev.respec.ops.report.BarChart;
import dev.respec.ops.report.LineChart;
import dev.respec.ops.report.Series;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Draws a plot with the charts of the report. */
final class PlotDrawing {
    private static final int COLOURS = 8;

    private PlotDrawing() {}

    static String draw(Plot plot) {
        return plot.shape() == Plot.Shape.LINES ? lines(plot) : bars(plot);
    }

    private static String lines(Plot plot) {
        LineChart chart = new LineChart(plot.title(), plot.xLabel()).overPlaces(plot.places());
        for (int i = 0; i < plot.curves().size(); i++) {
            Curve curve = plot.curves().get(i);
            int colour = 1 + i % COLOURS;
            if (!curve.spread().isEmpty()) {
                chart.add(band(curve, colour));
            }
            chart.add(new Series(
                    name(curve),
                    colour,
                    curve.origin() == Curve.Origin.OURS ? Series.Style.LINE : Series.Style.DASHED,
                    array(curve.x()),
                    array(curve.mean())));
        }
        return chart.render();
    }

    private static Series band(Curve curve, int colour) {
        int[] known = IntStream.range(0, curve.x().size())
                .filter(i -> Double.isFinite(curve.mean().get(i))
                        && Double.isFinite(curve.spread().get(i)))
                .toArray();
        double[] x = new double[2 * known.length];
        double[] y = new double[2 * known.length];
        for (int i = 0; i < known.length; i++) {
            int at = known[i];
            int back = x.length - 1 - i;
            x[i] = curve.x().get(at);
            x[back] = x[i];
            y[i] = curve.mean().get(at) - curve.spread().get(at);
            y[back] = curve.mean().get(at) + curve.spread().get(at);
        }
        return new Series(name(curve), colour, Series.Style.BAND, x, y);
    }

    private static String bars(Plot plot) {
        BarChart chart = plot.shape() == Plot.Shape.STACKED
                ? BarChart.stacked(plot.title(), plot.xLabel(), plot.yLabel())
                : BarChart.grouped(plot.title(), plot.xLabel(), plot.yLabel());
        chart.over(plot.places());
        for (int i = 0; i < plot.curves().size(); i++) {
            Curve curve = plot.curves().get(i);
            double[] heights = new double[plot.places().size()];
            for (int k = 0; k < curve.x().size(); k++) {
                heights[curve.x().get(k).intValue()] = curve.mean().get(k);
            }
            chart.add(name(curve), 1 + i % COLOURS, heights);
        }
        if (plot.curves().size() == 1) {
            chart.labelled(texts(plot.curves().get(0)));
        }
        return chart.render();
    }

    /** Mean and spread above each bar, where there is one bar for each place. */
    private static List<String> texts(Curve curve) {
        return IntStream.range(0, curve.x().size())
                .mapToObj(i -> {
                    double mean = curve.mean().get(i);
                    double spread = curve.spread().isEmpty()
                            ? Double.NaN
                            : curve.spread().get(i);
                    return !Double.isFinite(mean)
                            ? ""
                            : Double.isFinite(spread)
                                    ? number(mean, mean) + " ± " + number(spread, mean)
                                    : number(mean, mean);
                })
                .toList();
    }

    /** With about three digits of the size of another number. */
    private static String number(double value, double size) {
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String name(Curve curve) {
        return curve.origin() == Curve.Origin.PAPER ? curve.name() + " (paper)" : curve.name();
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
