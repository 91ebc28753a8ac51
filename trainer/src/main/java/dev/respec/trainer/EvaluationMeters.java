package dev.respec.trainer;

import dev.respec.schemas.PolicyEvaluation;
import dev.respec.stage.LastValue;
import dev.respec.trainer.evaluation.EvaluationHistory.Best;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What evaluations found, for scraping. Written by the trainer's thread, read by any. */
public final class EvaluationMeters {
    private final MeterRegistry registry;
    private final Map<String, LastValue> scores = new ConcurrentHashMap<>();
    private final LastValue step;
    private final LastValue bestStep;
    private final LastValue bestScore;

    /** Registers what has no data set's name; the rest comes with the first evaluation. */
    public EvaluationMeters(MeterRegistry registry) {
        this.registry = registry;
        step = gauge("respec.evaluation.step", "Training steps done before the last evaluation");
        bestStep = gauge("respec.evaluation.best.step", "Training steps done before the best evaluation");
        bestScore = gauge("respec.evaluation.best.score", "Score of the best evaluation, by evaluation.best-by");
    }

    /** Takes a result as the last of its data set and mode. */
    public void update(PolicyEvaluation result) {
        step.set(result.getStep());
        result.getMetrics().forEach((metric, value) -> score(result, metric).set(value));
    }

    void best(Best best) {
        bestStep.set(best.step());
        bestScore.set(best.score());
    }

    private LastValue score(PolicyEvaluation result, String metric) {
        var mode = result.getMode().name().toLowerCase(Locale.ROOT);
        return scores.computeIfAbsent(
                String.join(" ", result.getDataSet(), mode, metric),
                key -> LastValue.gauge(
                        registry,
                        "respec.evaluation.score",
                        "Metric of the last evaluation on a data set",
                        Tags.of("data.set", result.getDataSet(), "mode", mode, "metric", metric)));
    }

    private LastValue gauge(String name, String description) {
        return LastValue.gauge(registry, name, description);
    }
}
