package dev.respec.ops.report;

/** A table of the page. Its cells are text: they are escaped here. A wide one scrolls by itself, never the page. */
public final class Table {
    private final StringBuilder rows = new StringBuilder();
    private final String head;
    private final String cssClass;

    private Table(String head, String cssClass) {
        this.head = head;
        this.cssClass = cssClass;
    }

    /** Columns of numbers under these names. */
    public static Table of(String... columns) {
        StringBuilder head = new StringBuilder("<thead><tr>");
        for (String column : columns) {
            head.append("<th>").append(Svg.escape(column)).append("</th>");
        }
        return new Table(head + "</tr></thead>", "");
    }

    /** Rows of a name and a text. */
    static Table ofRows() {
        return new Table("", "wide");
    }

    public Table row(String name, String... values) {
        return add("", name, values);
    }

    /** A row that says what is wrong. */
    Table badRow(String name, String value) {
        return add(" class=\"bad\"", name, value);
    }

    private Table add(String attributes, String name, String... values) {
        rows.append("<tr")
                .append(attributes)
                .append("><th>")
                .append(Svg.escape(name))
                .append("</th>");
        for (String value : values) {
            rows.append("<td>").append(Svg.escape(value)).append("</td>");
        }
        rows.append("</tr>");
        return this;
    }

    public String render() {
        return "<div class=\"scroll\"><table" + (cssClass.isEmpty() ? "" : " class=\"" + cssClass + "\"") + ">" + head
                + "<tbody>" + rows + "</tbody></table></div>";
    }
}
