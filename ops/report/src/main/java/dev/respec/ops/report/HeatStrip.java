package dev.respec.ops.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One row per batch size, with time to the right; the colour says which of a few named values held. */
final class HeatStrip {
    private static final double ROW = 22;
    private static final double GAP = 3;
    private static final double LEFT = 62;

    /** A stretch of time in which a row had one value. */
    record Cell(String row, double from, double to, String value) {}

    private final String description;
    private final String xLabel;
    private final List<Cell> cells = new ArrayList<>();

    HeatStrip(String description, String xLabel) {
        this.description = description;
        this.xLabel = xLabel;
    }

    /** Rows appear in the order of their first cell, from the top. */
    HeatStrip add(Cell cell) {
        cells.add(cell);
        return this;
    }

    /**
     * The cell without the pauses.
     *
     * @param pauses start and end of each, ascending
     */
    HeatStrip add(Cell cell, double[][] pauses) {
        double from = cell.from();
        for (double[] pause : pauses) {
            double end = Math.min(pause[0], cell.to());
            if (end > from) {
                add(new Cell(cell.row(), from, end, cell.value()));
            }
            from = Math.max(from, pause[1]);
        }
        return from < cell.to() ? add(new Cell(cell.row(), from, cell.to(), cell.value())) : this;
    }

    /** @param colours value to colour; its order is the legend's */
    String render(Map<String, Integer> colours) {
        if (cells.isEmpty()) {
            return Legend.NO_DATA;
        }
        Map<String, Integer> rows = new LinkedHashMap<>();
        cells.forEach(cell -> rows.putIfAbsent(cell.row(), rows.size()));
        double low = cells.stream().mapToDouble(Cell::from).min().orElse(0);
        double high = cells.stream().mapToDouble(Cell::to).max().orElse(1);
        Scale x = Scale.exact(low, high, 8, LEFT, Frame.RIGHT);
        double bottom = Frame.TOP + rows.size() * ROW;
        Svg svg = new Svg(Frame.WIDTH, bottom + 36, description);
        rows.forEach((row, index) -> svg.text("tick", LEFT - 7, Frame.TOP + index * ROW + ROW / 2 + 2, "end", row));
        for (Cell cell : cells) {
            double top = Frame.TOP + rows.getOrDefault(cell.row(), 0) * ROW;
            svg.rectangle(
                    "bar s" + colours.getOrDefault(cell.value(), 8),
                    x.pixel(cell.from()),
                    top,
                    Math.max(0.5, x.pixel(cell.to()) - x.pixel(cell.from())),
                    ROW - GAP,
                    String.format(
                            Locale.ROOT, "%s: %s from %.2f to %.2f", cell.row(), cell.value(), cell.from(), cell.to()));
        }
        for (double tick : x.ticks()) {
            svg.text("tick", x.pixel(tick), bottom + 13, "middle", x.label(tick));
        }
        svg.text("label", (LEFT + Frame.RIGHT) / 2, bottom + 32, "middle", xLabel);
        Legend legend = new Legend();
        colours.forEach(legend::block);
        return legend.render() + svg.end();
    }
}
