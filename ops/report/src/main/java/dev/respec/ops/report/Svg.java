package dev.respec.ops.report;

import java.util.Locale;

/** Text of an SVG picture. Colours come from the page's style sheet, by class, so that dark mode needs no script. */
public final class Svg {
    private final StringBuilder text = new StringBuilder();

    Svg(double width, double height, String description) {
        append(
                "<svg viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">",
                number(width), number(height), escape(description));
    }

    Svg line(String cssClass, double x1, double y1, double x2, double y2) {
        return append(
                "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
                cssClass, number(x1), number(y1), number(x2), number(y2));
    }

    /** @param anchor start, middle or end */
    Svg text(String cssClass, double x, double y, String anchor, String content) {
        return append(
                "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>",
                cssClass, number(x), number(y), anchor, escape(content));
    }

    Svg rectangle(String cssClass, double x, double y, double width, double height, String tooltip) {
        return append(
                "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>",
                cssClass,
                number(x),
                number(y),
                number(Math.max(0, width)),
                number(Math.max(0, height)),
                escape(tooltip));
    }

    Svg circle(String cssClass, double x, double y, double radius, String tooltip) {
        return append(
                "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>",
                cssClass, number(x), number(y), number(radius), escape(tooltip));
    }

    Svg path(String cssClass, String data) {
        return append("<path class=\"%s\" d=\"%s\"/>", cssClass, data);
    }

    String end() {
        return text + "</svg>";
    }

    private Svg append(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
        return this;
    }

    /** A coordinate with at most one decimal. */
    static String number(double value) {
        double rounded = Math.rint(value * 10) / 10;
        return rounded == Math.rint(rounded)
                ? Long.toString((long) rounded)
                : String.format(Locale.ROOT, "%.1f", rounded);
    }

    public static String escape(String content) {
        return content.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
