package dev.respec.ops.measure;

import dev.respec.ops.report.BarChart;
import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.Svg;
import dev.respec.ops.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A measurement of decoding as one HTML page that needs nothing else. */
public final class DecodeReport {
    private static final int FAMILIES = 5;

    private final DecodeBench.Result result;
    private final List<Integer> batches;

    public DecodeReport(DecodeBench.Result result) {
        this.result = result;
        this.batches =
                result.rows().stream().map(DecodeBench.Row::batch).distinct().toList();
    }

    public String render() {
        String title = "respec bench decode: " + Svg.escape(result.model());
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + title
                + "</title><style>"
                + HtmlReport.styleSheet() + "</style></head><body><main><header><h1>" + title + "</h1><p>" + headline()
                + "</p></header><section class=\"grid\">" + card("Speed-up over plain decoding", speedUps())
                + card("Milliseconds of a verify step, best setting of each batch", phases()) + "</section>"
                + table() + "</main></body></html>\n";
    }

    private String headline() {
        var roofline = result.roofline();
        return String.format(
                Locale.ROOT,
                "%.1f M parameters, %s, %d threads. Memory is read at %.1f GB/s, plain decoding of one sequence uses"
                        + " %.0f %% of it; a large product reaches %.0f GFLOP/s, plain decoding of the largest batch"
                        + " %.0f %% of it.",
                result.parameters() / 1e6,
                result.computeType(),
                result.threads(),
                roofline.readGbPerSecond(),
                100 * roofline.shareAtBatch1(),
                roofline.gigaflops(),
                100 * roofline.shareAtLargestBatch());
    }

    private static String card(String title, String body) {
        return "<figure><h3>" + title + "</h3>" + body + "</figure>";
    }

    /** Best of each family at each batch: plain, suffix, chains, trees, adaptive. */
    private String speedUps() {
        Map<String, double[]> best = new LinkedHashMap<>();
        for (DecodeBench.Row row : result.rows()) {
            double[] heights = best.computeIfAbsent(family(row.setting()), key -> new double[batches.size()]);
            int place = batches.indexOf(row.batch());
            heights[place] = Math.max(heights[place], row.speedupOverOff());
        }
        BarChart chart =
                BarChart.grouped("speed-up by batch", "active batch", "×").over(places());
        int colour = 1;
        for (var each : best.entrySet()) {
            chart.add(each.getKey(), 1 + (colour++ - 1) % FAMILIES, each.getValue());
        }
        return chart.render();
    }

    private static String family(String setting) {
        if (setting.equals(DecodeBench.ADAPTIVE)) {
            return setting;
        }
        if (setting.equals("off")) {
            return "plain";
        }
        int end = setting.indexOf(':');
        String drafter = setting.substring(0, end);
        boolean tree = setting.indexOf('x', end) > end;
        return drafter + (tree ? " trees" : drafter.equals("suffix") ? "" : " chains");
    }

    private String phases() {
        double[][] parts = new double[3][batches.size()];
        List<String> names = new ArrayList<>();
        for (int place = 0; place < batches.size(); place++) {
            int batch = batches.get(place);
            DecodeBench.Row best = result.rows().stream()
                    .filter(row -> row.batch() == batch && !row.setting().equals(DecodeBench.ADAPTIVE))
                    .max((one, other) -> Double.compare(one.speedupOverOff(), other.speedupOverOff()))
                    .orElseThrow();
            names.add(best.setting());
            parts[0][place] = best.draftMilliseconds();
            parts[1][place] = best.verifyMilliseconds();
            parts[2][place] = best.otherMilliseconds();
        }
        return BarChart.stacked("milliseconds by phase", "active batch", "ms")
                .over(places())
                .add("draft", 1, parts[0])
                .add("verify", 2, parts[1])
                .add("other", 3, parts[2])
                .labelled(names)
                .render();
    }

    private List<String> places() {
        return batches.stream().map(String::valueOf).toList();
    }

    private String table() {
        Table table = Table.of(
                "batch", "setting", "tokens/s", "acceptance length", "speed-up", "draft ms", "verify ms", "other ms");
        for (DecodeBench.Row row : result.rows()) {
            table.row(
                    Integer.toString(row.batch()),
                    row.setting().equals(row.chosen()) ? row.setting() : row.setting() + ": " + row.chosen(),
                    String.format(Locale.ROOT, "%.0f", row.tokensPerSecond()),
                    decimals(row.acceptanceLength()),
                    decimals(row.speedupOverOff()),
                    decimals(row.draftMilliseconds()),
                    decimals(row.verifyMilliseconds()),
                    decimals(row.otherMilliseconds()));
        }
        return "<h2>Numbers</h2>" + table.render() + bounds();
    }

    private String bounds() {
        Table table = Table.of("batch", "best setting", "its speed-up", "oracle's speed-up", "share of the oracle");
        for (DecodeBench.OracleRow row : result.oracle()) {
            table.row(
                    Integer.toString(row.batch()),
                    row.bestSetting(),
                    decimals(row.bestSpeedup()),
                    decimals(row.speedup()) + " with " + row.length() + " tokens",
                    String.format(Locale.ROOT, "%.0f %%", 100 * row.share()));
        }
        return result.oracle().isEmpty()
                ? ""
                : "<h2>Against a drafter that knows the continuation</h2>" + table.render();
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
