package dev.respec.ops.report;

import java.util.Locale;
import java.util.Map;

/** The report's tables. */
final class ReportTables {
    private ReportTables() {}

    static String audit(RunSummary summary) {
        StringBuilder table = new StringBuilder("<table class=\"wide\"><tbody>");
        RunSummary.Groups groups = summary.groups();
        RunSummary.Rollouts rollouts = summary.rollouts();
        row(
                table,
                "Groups",
                "%d admitted = %d complete + %d declared incomplete + %d open"
                        .formatted(groups.admitted(), groups.complete(), groups.incomplete(), groups.open()));
        row(
                table,
                "Rollouts",
                String.format(
                        Locale.ROOT,
                        "%,d expected, %,d scored once, %,d missing, %,d repeats dropped",
                        rollouts.expected(),
                        rollouts.scored(),
                        rollouts.missing(),
                        rollouts.duplicatesDropped()));
        row(
                table,
                "Trained on",
                String.format(
                        Locale.ROOT, "%,d rollouts; groups left out: %s", rollouts.trainedOn(), droppedText(summary)));
        row(
                table,
                "Staleness",
                "at most %d, bound %d"
                        .formatted(
                                summary.staleness().max(), summary.staleness().bound()));
        row(
                table,
                "Versions",
                "policy %d, drafter %d, strictly rising"
                        .formatted(
                                summary.versions().policy(), summary.versions().drafter()));
        for (String violation : summary.audit().violations()) {
            table.append("<tr class=\"bad\"><th>Broken</th><td>")
                    .append(Svg.escape(violation))
                    .append("</td></tr>");
        }
        return table + "</tbody></table>";
    }

    private static String droppedText(RunSummary summary) {
        Map<String, Integer> dropped = summary.audit().droppedGroups();
        if (dropped.isEmpty()) {
            return "none";
        }
        StringBuilder text = new StringBuilder();
        dropped.forEach((reason, count) -> text.append(text.length() == 0 ? "" : ", ")
                .append(count)
                .append(' ')
                .append(reason));
        return text.toString();
    }

    static String throughput(RunSummary summary) {
        RunSummary.Throughput throughput = summary.throughput();
        if (throughput == null) {
            return "";
        }
        StringBuilder table = new StringBuilder("<table><thead><tr><th>active batch</th><th>plain tokens/s</th>"
                + "<th>adaptive tokens/s</th><th>gain</th><th>setting</th></tr></thead><tbody>");
        throughput.settingByBatch().forEach((batch, setting) -> {
            Double plain = throughput.plainTokensPerSecondByBatch().get(batch);
            Double adaptive = throughput.adaptiveTokensPerSecondByBatch().get(batch);
            String measured = plain == null || adaptive == null
                    ? "<td></td><td></td><td></td>"
                    : String.format(
                            Locale.ROOT,
                            "<td>%,.0f</td><td>%,.0f</td><td>%s</td>",
                            plain,
                            adaptive,
                            throughput.gainText(batch));
            table.append("<tr><td>" + batch + "</td>" + measured + "<td>" + Svg.escape(setting) + "</td></tr>");
        });
        return table + "</tbody></table>";
    }

    static String evaluation(RunSummary summary) {
        RunSummary.Evaluation evaluation = summary.evaluation();
        if (evaluation == null) {
            return "";
        }
        StringBuilder table = new StringBuilder("<table><thead><tr><th>held-out prompts: " + evaluation.prompts()
                + "</th><th>before</th><th>after</th></tr></thead><tbody>");
        RunSummary.PassRates before = evaluation.before();
        RunSummary.PassRates after = evaluation.after();
        numbers(table, "pass@1, sampled", "%.3f", before.sampledPassAt1(), after.sampledPassAt1());
        numbers(table, "pass@1, greedy", "%.3f", before.greedyPassAt1(), after.greedyPassAt1());
        numbers(table, "mean response tokens", "%.1f", before.meanResponseTokens(), after.meanResponseTokens());
        return table + "</tbody></table>";
    }

    static String stages(RunSummary summary) {
        StringBuilder table = new StringBuilder("<table class=\"wide\"><tbody>");
        summary.stages().forEach(stage -> row(table, stage.stage(), stage.did()));
        RunSummary.TimeShare share = summary.timeShare();
        row(
                table,
                "time",
                String.format(
                        Locale.ROOT,
                        "generation %.0f %%, training %.0f %%, other %.0f %%",
                        share.generation() * 100,
                        share.training() * 100,
                        share.other() * 100));
        return table + "</tbody></table>";
    }

    /** Largest ratio of adaptive to plain throughput. */
    static double bestGain(RunSummary.Throughput throughput) {
        return throughput.adaptiveTokensPerSecondByBatch().keySet().stream()
                .mapToDouble(throughput::gain)
                .filter(gain -> !Double.isNaN(gain))
                .max()
                .orElse(Double.NaN);
    }

    private static void numbers(StringBuilder table, String name, String format, double before, double after) {
        table.append("<tr><th>")
                .append(name)
                .append("</th><td>")
                .append(String.format(Locale.ROOT, format, before))
                .append("</td><td>")
                .append(String.format(Locale.ROOT, format, after))
                .append("</td></tr>");
    }

    private static void row(StringBuilder table, String name, String value) {
        table.append("<tr><th>")
                .append(Svg.escape(name))
                .append("</th><td>")
                .append(Svg.escape(value))
                .append("</td></tr>");
    }
}
