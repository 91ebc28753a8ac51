package dev.respec.ops.paper.findings;

import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.Svg;
import dev.respec.ops.report.Table;
import java.util.List;

/** All findings as one HTML page that needs nothing else. */
public final class PaperPage {
    private static final String STYLE =
            ".claim { margin: 0 0 10px; padding: 11px 16px; background: var(--card); border: 1px solid var(--line);"
                    + " border-left: 4px solid var(--axis); border-radius: 8px; }"
                    + ".claim.holds { border-left-color: var(--good); } .claim.fails { border-left-color: var(--bad); }"
                    + ".claim p { margin: 2px 0 0; } .claim small { color: var(--quiet); } .failure { color: var(--bad); }"
                    + " .grid figure { max-width: 640px; } .grid + h3, .scroll + h3 { margin-top: 18px; }"
                    + " td.left { text-align: left; } .claims td { white-space: normal; } .claims td:last-child { min-width: 92px; }"
                    + " @media (max-width: 600px) { main { padding: 20px 12px 40px; } th, td { padding: 6px 8px; }"
                    + " figure { overflow-x: auto; } figure svg { min-width: 520px; } }";

    private final List<Findings> findings;
    private final String machine;

    /** @param machine that the measurements were made on, in words */
    public PaperPage(List<Findings> findings, String machine) {
        this.findings = List.copyOf(findings);
        this.machine = machine;
    }

    public String render() {
        StringBuilder body = new StringBuilder();
        findings.forEach(each -> body.append(section(each)));
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                + "<title>respec paper</title><style>" + HtmlReport.styleSheet() + STYLE + "</style></head><body><main>"
                + "<header><h1>The claims of ReSpec <small>measured on this pipeline</small></h1><p>"
                + Svg.escape(machine) + "</p></header>" + overview() + body + "</main></body></html>\n";
    }

    private String overview() {
        StringBuilder rows = new StringBuilder();
        for (Findings each : findings) {
            for (Claim claim : each.claims()) {
                rows.append("<tr><th><a href=\"#")
                        .append(Svg.escape(each.experiment()))
                        .append("\">")
                        .append(Svg.escape(each.experiment()))
                        .append("</a></th><td class=\"left\">")
                        .append(Svg.escape(claim.statement()))
                        .append("</td><td>")
                        .append(claim.verdict().text())
                        .append("</td></tr>");
            }
        }
        return "<h2>Every claim</h2><div class=\"scroll\"><table class=\"claims\"><tbody>" + rows
                + "</tbody></table></div>";
    }

    private static String section(Findings each) {
        StringBuilder text = new StringBuilder("<h2 id=\"" + Svg.escape(each.experiment()) + "\">"
                + Svg.escape(each.title()) + "</h2><p>" + Svg.escape(each.measured()) + "</p>");
        each.claims().forEach(claim -> text.append(claim(claim)));
        each.failures()
                .forEach(failure -> text.append("<p class=\"failure\">")
                        .append(Svg.escape(failure))
                        .append("</p>"));
        text.append("<section class=\"grid\">");
        for (Plot plot : each.plots()) {
            text.append("<figure><h3>")
                    .append(Svg.escape(plot.title()))
                    .append("</h3>")
                    .append(PlotDrawing.draw(plot))
                    .append("<figcaption>")
                    .append(Svg.escape(plot.yLabel()))
                    .append("</figcaption></figure>");
        }
        text.append("</section>");
        each.tables().forEach(table -> text.append(table(table)));
        return text.toString();
    }

    private static String claim(Claim claim) {
        String cssClass = switch (claim.verdict()) {
            case HOLDS -> "claim holds";
            case DOES_NOT_HOLD -> "claim fails";
            case UNDECIDED, NOT_MEASURED -> "claim";
        };
        return "<div class=\"" + cssClass + "\"><b>" + Svg.escape(claim.statement()) + "</b> <small>"
                + Svg.escape(claim.source()) + "</small><p>" + Svg.escape(claim.sentence()) + "</p></div>";
    }

    private static String table(ValueTable values) {
        Table table = Table.of(values.columns().toArray(String[]::new));
        for (List<String> row : values.rows()) {
            table.row(row.get(0), row.subList(1, row.size()).toArray(String[]::new));
        }
        return "<h3>" + Svg.escape(values.title()) + "</h3>" + table.render();
    }
}
