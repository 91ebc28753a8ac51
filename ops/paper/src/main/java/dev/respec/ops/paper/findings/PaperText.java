package dev.respec.ops.paper.findings;

import java.util.List;

/** All findings in Markdown: sentences and tables, without the plots. */
public final class PaperText {
    private PaperText() {}

    public static String render(List<Findings> findings, String machine) {
        StringBuilder text = new StringBuilder("Measured on: " + machine + "\n");
        for (Findings each : findings) {
            text.append("\n## ")
                    .append(each.title())
                    .append("\n\n`respec paper ")
                    .append(each.experiment());
            text.append("`. ").append(each.measured()).append("\n\n");
            for (Claim claim : each.claims()) {
                text.append("- **")
                        .append(claim.statement())
                        .append("** (")
                        .append(claim.source())
                        .append("). ");
                text.append(claim.sentence()).append('\n');
            }
            each.failures()
                    .forEach(failure ->
                            text.append("- Not measured: ").append(failure).append('\n'));
            each.tables().forEach(table -> table(text, table));
        }
        return text.toString();
    }

    private static void table(StringBuilder text, ValueTable table) {
        text.append('\n').append(table.title()).append(":\n\n| ").append(String.join(" | ", table.columns()));
        text.append(" |\n|").append("---|".repeat(table.columns().size())).append('\n');
        table.rows()
                .forEach(
                        row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
    }
}
