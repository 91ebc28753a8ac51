package dev.respec.ops.report;

/** The names of a plot's colours. */
final class Legend {
    static final String NO_DATA = "<p class=\"empty\">Nothing was recorded for this.</p>";

    private final StringBuilder text = new StringBuilder();

    void line(String name, int colour, boolean dashed) {
        add(dashed ? "key dashed" : "key", name, colour);
    }

    void block(String name, int colour) {
        add("key block", name, colour);
    }

    private void add(String cssClass, String name, int colour) {
        text.append("<span><i class=\"")
                .append(cssClass)
                .append(" s")
                .append(colour)
                .append("\"></i>")
                .append(Svg.escape(name))
                .append("</span>");
    }

    String render() {
        return "<div class=\"legend\">" + text + "</div>";
    }
}
