package dev.respec.ops.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A result as aligned columns. */
final class TableText {
    private static final int WIDEST = 60;

    private TableText() {}

    static List<String> of(DuckDb.Rows result, int mostRows) {
        List<List<String>> shown = new ArrayList<>();
        shown.add(result.names());
        result.rows().stream().limit(mostRows).forEach(shown::add);
        int[] widths = new int[result.names().size()];
        for (List<String> row : shown) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] =
                        Math.max(widths[column], clipped(row.get(column)).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : shown) {
            lines.add(line(row, widths));
        }
        long hidden = result.rows().size() - (shown.size() - 1);
        if (hidden > 0) {
            lines.add(String.format(Locale.ROOT, "… %,d more rows: raise --limit", hidden));
        }
        return lines;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = clipped(row.get(column));
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(numeric(cell) ? padding + cell : cell + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private static boolean numeric(String cell) {
        return cell.matches("[-+]?[0-9][0-9.]*(e[-+]?[0-9]+)?");
    }

    private static String clipped(String cell) {
        return cell.length() <= WIDEST ? cell : cell.substring(0, WIDEST - 1) + "…";
    }
}
