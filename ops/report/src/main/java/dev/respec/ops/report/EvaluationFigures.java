package dev.respec.ops.report;

import dev.respec.ops.audit.EvaluationRecords;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.PolicyEvaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the evaluations of a run found while it trained: a picture for each data set, a table, the best checkpoint. */
final class EvaluationFigures {
    private static final String PASS_AT_1 = "pass@1";

    private final EvaluationRecords records;

    EvaluationFigures(EvaluationRecords records) {
        this.records = records;
    }

    /** Empty for a run that did not evaluate. */
    List<Figure> all() {
        Map<String, List<PolicyEvaluation>> bySet = new LinkedHashMap<>();
        records.inOrder()
                .forEach(result -> bySet.computeIfAbsent(result.getDataSet(), set -> new ArrayList<>())
                        .add(result));
        return bySet.entrySet().stream()
                .map(set -> figure(set.getKey(), set.getValue()))
                .toList();
    }

    private static Figure figure(String set, List<PolicyEvaluation> results) {
        LineChart chart = new LineChart("Evaluation on " + set + " by training step", "training step").covering(0, 1);
        chart.add(curve("greedy pass@1", 1, results, EvaluationMode.GREEDY, PASS_AT_1));
        chart.add(curve("sampled pass@1", 3, results, EvaluationMode.SAMPLED, PASS_AT_1));
        String most = "pass@" + samples(results);
        if (!most.equals(PASS_AT_1)) {
            chart.add(curve("sampled " + most, 4, results, EvaluationMode.SAMPLED, most));
        }
        return new Figure(
                "Evaluation on " + Svg.escape(set),
                "Held-out prompts answered by one policy version each, while the run trained; nothing of it is trained"
                        + " on.",
                chart.render());
    }

    private static int samples(List<PolicyEvaluation> results) {
        return results.stream().mapToInt(PolicyEvaluation::getSamples).max().orElse(1);
    }

    private static Series curve(
            String name, int colour, List<PolicyEvaluation> results, EvaluationMode mode, String metric) {
        List<PolicyEvaluation> ofMode =
                results.stream().filter(result -> result.getMode() == mode).toList();
        return new Series(
                name,
                colour,
                Series.Style.LINE,
                ofMode.stream().mapToDouble(PolicyEvaluation::getStep).toArray(),
                ofMode.stream()
                        .mapToDouble(result -> result.getMetrics().getOrDefault(metric, Double.NaN))
                        .toArray());
    }

    /** One row per evaluation, data set and mode; empty markup for a run that did not evaluate. */
    static String table(EvaluationRecords records) {
        if (records.results().isEmpty()) {
            return "";
        }
        Table table = Table.of(
                "evaluation after step", "version", "data set", "answers", "prompts", "pass@1", "pass@k", "reward", "");
        for (PolicyEvaluation result : records.inOrder()) {
            String most = "pass@" + result.getSamples();
            table.row(
                    Long.toString(result.getStep()),
                    Long.toString(result.getPolicyVersion()),
                    result.getDataSet(),
                    result.getMode().name().toLowerCase(Locale.ROOT),
                    Integer.toString(result.getPrompts()),
                    number(result, PASS_AT_1),
                    most.equals(PASS_AT_1) ? "–" : most + " " + number(result, most),
                    number(result, "reward_mean"),
                    result.getBest() ? "best so far" : "");
        }
        return table.render();
    }

    private static String number(PolicyEvaluation result, String metric) {
        Double value = result.getMetrics().get(metric);
        return value == null ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    /** An earlier evaluation that ended the run says nothing any more if the run was continued to a later one. */
    private static @Nullable String endedRun(EvaluationRecords records) {
        long last = records.results().stream()
                .mapToLong(PolicyEvaluation::getStep)
                .max()
                .orElse(0);
        return records.results().stream()
                .filter(result -> result.getStep() == last)
                .map(PolicyEvaluation::getEndsRun)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** The last evaluation that was the best when it was made; null if there is none. */
    static RunSummary.@Nullable BestCheckpoint best(EvaluationRecords records) {
        RunSummary.BestCheckpoint best = null;
        long evaluations = records.results().stream()
                .mapToLong(PolicyEvaluation::getStep)
                .distinct()
                .count();
        String ended = endedRun(records);
        for (PolicyEvaluation result : records.inOrder()) {
            String metric = result.getDecidingMetric();
            if (result.getBest() && metric != null) {
                best = new RunSummary.BestCheckpoint(
                        result.getStep(),
                        result.getPolicyVersion(),
                        "%s %s %s"
                                .formatted(
                                        result.getDataSet(),
                                        result.getMode().name().toLowerCase(Locale.ROOT),
                                        metric),
                        result.getMetrics().getOrDefault(metric, Double.NaN),
                        evaluations,
                        ended);
            }
        }
        return best;
    }
}
