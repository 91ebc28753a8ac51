package dev.respec.trainer;

import dev.respec.schemas.PolicyEvaluation;
import dev.respec.trainer.evaluation.EvaluationHistory.Best;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** What evaluations found, for scraping. Written by the trainer's thread, read by any. */
public final class EvaluationMeters {
    private final MeterRegistry registry;
    private final Map<String, AtomicReference<Double>> scores = new ConcurrentHashMap<>();
    private final AtomicReference<Double> step;
    private final AtomicReference<Double> bestStep;
    private final AtomicReference<Double> bestScore;

    /** Registers what has no data set's name; the rest comes with the first evaluation. */
    public EvaluationMeters(MeterRegistry registry) {
        this.registry = registry;
        step = gauge("respec.evaluation.step", "Training steps done before the last evaluation");
        bestStep = gauge("respec.evaluation.best.step", "Training steps done before the best evaluation");
        bestScore = gauge("respec.evaluation.best.score", "Score of the best evaluation, by evaluation.best-by");
    }

    /** Takes a result as the last of its data set and mode. */
    public void update(PolicyEvaluation result) {
        step.set((double) result.getStep());
        result.getMetrics().forEach((metric, value) -> score(result, metric).set(value));
    }

    void best(Best best) {
        bestStep.set((double) best.step());
        bestScore.set(best.score());
    }

    private AtomicReference<Double> score(PolicyEvaluation result, String metric) {
        var mode = result.getMode().name().toLowerCase(Locale.ROOT);
        return scores.computeIfAbsent(String.join(" ", result.getDataSet(), mode, metric), key -> {
            var value = new AtomicReference<>(Double.NaN);
            Gauge.builder("respec.evaluation.score", value, AtomicReference::get)
                    .description("Metric of the last evaluation on a data set")
                    .tag("data.set", result.getDataSet())
                    .tag("mode", mode)
                    .tag("metric", metric)
                    .strongReference(true)
                    .register(registry);
            return value;
        });
    }

    private AtomicReference<Double> gauge(String name, String description) {
        var value = new AtomicReference<>(Double.NaN);
        Gauge.builder(name, value, AtomicReference::get)
                .description(description)
                .strongReference(true)
                .register(registry);
        return value;
    }
}
