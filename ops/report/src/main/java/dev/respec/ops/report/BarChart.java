package dev.respec.ops.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Bars over named places: side by side, or stacked. */
public final class BarChart {
    private final String description;
    private final String xLabel;
    private final String unit;
    private final boolean stacked;
    private final List<String> places = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Integer> colours = new ArrayList<>();
    private final List<double[]> values = new ArrayList<>();

    private final List<String> labels = new ArrayList<>();

    private BarChart(String description, String xLabel, String unit, boolean stacked) {
        this.description = description;
        this.xLabel = xLabel;
        this.unit = unit;
        this.stacked = stacked;
    }

    public static BarChart grouped(String description, String xLabel, String unit) {
        return new BarChart(description, xLabel, unit, false);
    }

    public static BarChart stacked(String description, String xLabel, String unit) {
        return new BarChart(description, xLabel, unit, true);
    }

    public BarChart over(List<String> placeNames) {
        places.addAll(placeNames);
        return this;
    }

    /** @param heights one a place */
    public BarChart add(String name, int colour, double[] heights) {
        if (heights.length != places.size()) {
            throw new IllegalArgumentException(name + ": " + heights.length + " bars for " + places.size() + " places");
        }
        names.add(name);
        colours.add(colour);
        values.add(heights.clone());
        return this;
    }

    /** Short texts above the places' bars. */
    public BarChart labelled(List<String> texts) {
        labels.addAll(texts);
        return this;
    }

    public String render() {
        if (places.isEmpty() || values.isEmpty()) {
            return Legend.NO_DATA;
        }
        Scale y = Scale.nice(0, highest(), 4, Frame.BOTTOM, Frame.TOP);
        Frame frame = new Frame(Scale.exact(0, places.size(), 1, Frame.LEFT, Frame.RIGHT), y);
        Svg svg = new Svg(Frame.WIDTH, Frame.HEIGHT, description);
        frame.drawHorizontal(svg);
        int every = (places.size() + 13) / 14;
        for (int place = 0; place < places.size(); place++) {
            if (place % every == 0) {
                svg.text("tick", frame.x().pixel(place + 0.5), Frame.BOTTOM + 15, "middle", places.get(place));
            }
            drawPlace(svg, frame, place);
            if (place < labels.size()) {
                double top = frame.y().pixel(highest(place));
                svg.text("value", frame.x().pixel(place + 0.5), top - 4, "middle", labels.get(place));
            }
        }
        Frame.drawLabel(svg, xLabel);
        Legend legend = new Legend();
        for (int i = 0; i < names.size(); i++) {
            legend.block(names.get(i), colours.get(i));
        }
        return legend.render() + svg.end();
    }

    private void drawPlace(Svg svg, Frame frame, int place) {
        double left = frame.x().pixel(place);
        double width = frame.x().pixel(place + 1) - left;
        double gap = Math.min(width * 0.18, 14);
        double bar = stacked ? width - gap : (width - gap) / values.size();
        double base = 0;
        for (int i = 0; i < values.size(); i++) {
            double value = values.get(i)[place];
            if (!(value > 0)) {
                continue;
            }
            double top = frame.y().pixel(base + value);
            double x = stacked ? left + gap / 2 : left + gap / 2 + i * bar;
            String tooltip =
                    String.format(Locale.ROOT, "%s, %s: %,.3g %s", names.get(i), places.get(place), value, unit);
            double inset = stacked ? 0 : Math.min(1, bar * 0.1);
            svg.rectangle(
                    "bar s" + colours.get(i),
                    x + inset,
                    top,
                    bar - 2 * inset,
                    frame.y().pixel(base) - top,
                    tooltip);
            base = stacked ? base + value : 0;
        }
    }

    private double highest() {
        return IntStream.range(0, places.size())
                .mapToDouble(this::highest)
                .max()
                .orElse(0);
    }

    private double highest(int place) {
        double highest = 0;
        for (double[] heights : values) {
            double value = Double.isNaN(heights[place]) ? 0 : heights[place];
            highest = stacked ? highest + value : Math.max(highest, value);
        }
        return highest;
    }
}
