package dev.respec.ops.report;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The report's tables. */
final class ReportTables {
    private ReportTables() {}

    static String audit(RunSummary summary) {
        Table table = Table.ofRows();
        RunSummary.Groups groups = summary.groups();
        RunSummary.Rollouts rollouts = summary.rollouts();
        table.row(
                "Groups",
                "%d admitted = %d complete + %d declared incomplete + %d open"
                        .formatted(groups.admitted(), groups.complete(), groups.incomplete(), groups.open()));
        table.row(
                "Rollouts",
                String.format(
                        Locale.ROOT,
                        "%,d expected, %,d scored once, %,d missing, %,d repeats dropped",
                        rollouts.expected(),
                        rollouts.scored(),
                        rollouts.missing(),
                        rollouts.duplicatesDropped()));
        table.row(
                "Trained on",
                String.format(
                        Locale.ROOT, "%,d rollouts; groups left out: %s", rollouts.trainedOn(), droppedText(summary)));
        table.row(
                "Staleness",
                "at most %d, bound %d"
                        .formatted(
                                summary.staleness().max(), summary.staleness().bound()));
        table.row(
                "Versions",
                "policy %d, drafter %d, strictly rising"
                        .formatted(
                                summary.versions().policy(), summary.versions().drafter()));
        summary.audit().violations().forEach(violation -> table.badRow("Broken", violation));
        return table.render();
    }

    private static String droppedText(RunSummary summary) {
        Map<String, Integer> dropped = summary.audit().droppedGroups();
        return dropped.isEmpty()
                ? "none"
                : dropped.entrySet().stream()
                        .map(each -> each.getValue() + " " + each.getKey())
                        .collect(Collectors.joining(", "));
    }

    static String throughput(RunSummary summary) {
        RunSummary.Throughput throughput = summary.throughput();
        if (throughput == null) {
            return "";
        }
        Table table = Table.of("active batch", "plain tokens/s", "adaptive tokens/s", "gain", "setting");
        throughput.settingByBatch().forEach((batch, setting) -> {
            boolean compared = Gains.isCompared(throughput, batch);
            table.row(
                    Integer.toString(batch),
                    tokens(throughput.plainTokensPerSecondByBatch().get(batch)),
                    compared
                            ? tokens(throughput.adaptiveTokensPerSecondByBatch().get(batch))
                            : "–",
                    compared ? throughput.gainText(batch) : "–",
                    setting);
        });
        return table.render();
    }

    static String evaluation(RunSummary summary) {
        RunSummary.Evaluation evaluation = summary.evaluation();
        if (evaluation == null) {
            return "";
        }
        Table table = Table.of("held-out prompts: " + evaluation.prompts(), "before", "after");
        RunSummary.PassRates before = evaluation.before();
        RunSummary.PassRates after = evaluation.after();
        numbers(table, "pass@1, sampled", "%.3f", before.sampledPassAt1(), after.sampledPassAt1());
        numbers(table, "pass@1, greedy", "%.3f", before.greedyPassAt1(), after.greedyPassAt1());
        numbers(table, "mean response tokens", "%.1f", before.meanResponseTokens(), after.meanResponseTokens());
        return table.render();
    }

    static String stages(RunSummary summary) {
        Table table = Table.ofRows();
        summary.stages().forEach(stage -> table.row(stage.stage(), stage.did()));
        RunSummary.TimeShare share = summary.timeShare();
        table.row(
                "time",
                String.format(
                        Locale.ROOT,
                        "generation %.0f %%, training %.0f %%, other %.0f %%",
                        share.generation() * 100,
                        share.training() * 100,
                        share.other() * 100));
        table.row("workers idle while requests waited", share.idleText());
        return table.render();
    }

    private static String tokens(@Nullable Double perSecond) {
        return perSecond == null ? "–" : String.format(Locale.ROOT, "%,.0f", perSecond);
    }

    private static void numbers(Table table, String name, String format, double before, double after) {
        table.row(name, String.format(Locale.ROOT, format, before), String.format(Locale.ROOT, format, after));
    }
}
