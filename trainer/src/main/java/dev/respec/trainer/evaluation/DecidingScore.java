package dev.respec.trainer.evaluation;

import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.EvaluationSection;
import dev.respec.stage.config.EvaluationSection.DataSet;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * The score by which the best checkpoint is chosen; the highest is the best.
 *
 * @param metric key of the evaluation's metrics: {@code pass@k} or {@code reward_mean}
 */
public record DecidingScore(String dataSet, EvaluationMode mode, String metric) {
    static final String REWARD_MEAN = "reward_mean";

    private static final Pattern PASS = Pattern.compile("pass@([1-9]\\d{0,5})");
    private static final String FORM =
            "\"<data set> greedy|sampled <metric>\" with the metric pass@1, pass@k or " + REWARD_MEAN;

    /**
     * As the configuration says.
     *
     * @throws ConfigException if it names what the evaluation does not measure
     */
    static DecidingScore of(EvaluationSection evaluation, List<DataSet> sets) {
        var text = evaluation.bestBy().strip();
        if (text.isEmpty()) {
            var mode = evaluation.samples() > 0 ? EvaluationMode.SAMPLED : EvaluationMode.GREEDY;
            return new DecidingScore(sets.get(0).name(), mode, passAt(1));
        }
        var words = text.split("\\s+");
        if (words.length != 3 || !words[1].matches("greedy|sampled")) {
            throw invalid(text, FORM);
        }
        var names = sets.stream().map(DataSet::name).toList();
        if (!names.contains(words[0])) {
            throw invalid(text, "a data set of evaluation.data, one of " + names);
        }
        var mode = EvaluationMode.valueOf(words[1].toUpperCase(Locale.ROOT));
        requireMeasured(text, mode, words[2], evaluation.samples());
        return new DecidingScore(words[0], mode, words[2]);
    }

    private static void requireMeasured(String text, EvaluationMode mode, String metric, int samples) {
        var answers = mode == EvaluationMode.GREEDY ? 1 : samples;
        if (answers == 0) {
            throw invalid(text, "greedy, as evaluation.samples is 0 and no answer is sampled");
        }
        if (metric.equals(REWARD_MEAN)) {
            return;
        }
        var pass = PASS.matcher(metric);
        if (!pass.matches()) {
            throw invalid(text, FORM);
        }
        if (Integer.parseInt(pass.group(1)) > answers) {
            throw invalid(
                    text,
                    mode == EvaluationMode.GREEDY
                            ? "pass@1, as there is one greedy answer per prompt"
                            : "at most pass@%d, or evaluation.samples of at least %s"
                                    .formatted(answers, pass.group(1)));
        }
    }

    private static ConfigException invalid(String text, String expected) {
        return new ConfigException("config: evaluation.best-by: expected %s, got '%s'".formatted(expected, text));
    }

    static String passAt(int k) {
        return "pass@" + k;
    }

    /** The k of a {@code pass@k}; 1 for another metric. */
    int passK() {
        var pass = PASS.matcher(metric);
        return pass.matches() ? Integer.parseInt(pass.group(1)) : 1;
    }

    public boolean isOf(PolicyEvaluation evaluation) {
        return evaluation.getDataSet().equals(dataSet) && evaluation.getMode() == mode;
    }

    /** The score among the results of one evaluation; empty if no prompt was answered or it was not measured. */
    public OptionalDouble in(Collection<PolicyEvaluation> results) {
        return results.stream()
                .filter(result -> isOf(result) && result.getPrompts() > 0)
                .filter(result -> result.getMetrics().containsKey(metric))
                .mapToDouble(result -> result.getMetrics().get(metric))
                .findFirst();
    }

    /** As the configuration writes it. */
    public String text() {
        return "%s %s %s".formatted(dataSet, mode.name().toLowerCase(Locale.ROOT), metric);
    }
}
