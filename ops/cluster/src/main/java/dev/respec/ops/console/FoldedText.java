package dev.respec.ops.console;

import java.util.ArrayList;
import java.util.List;

/** Lines that fit a terminal. */
public final class FoldedText {
    private static final int MOST_INDENT = 16;

    private FoldedText() {}

    /** Breaks at spaces; what follows a break is indented. A word longer than a line is left to the terminal. */
    public static List<String> fold(String line, int width) {
        int indent = Math.min(MOST_INDENT, width / 4);
        List<String> lines = new ArrayList<>();
        String rest = line;
        while (rest.length() > width) {
            int from = lines.isEmpty() ? 0 : indent;
            int end = rest.lastIndexOf(' ', width);
            if (rest.substring(0, Math.max(end, 0)).isBlank()) {
                end = rest.indexOf(' ', Math.max(from, width));
            }
            if (end < 0) {
                break;
            }
            lines.add(rest.substring(0, end).stripTrailing());
            rest = " ".repeat(indent) + rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    /** The beginning, with an ellipsis if something is left out. */
    public static String cut(String text, int width) {
        return text.length() <= width
                ? text
                : text.substring(0, Math.max(0, width - 1)).stripTrailing() + "…";
    }
}
