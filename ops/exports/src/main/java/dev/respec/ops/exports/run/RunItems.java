package dev.respec.ops.exports.run;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns a run's events into items. The events that a step follows from must be added before {@link #take} is called for
 * it.
 */
public final class RunItems {
    /** Of a policy's steps. */
    public static final String POLICY = "policy";

    /** Statistics of an interval arrive at most this long after its end. */
    private static final Duration STATISTICS_LATE = Duration.ofSeconds(3);

    private final String runId;
    private final StepRollouts rollouts = new StepRollouts();
    private final SpeculationCounts speculation = new SpeculationCounts();
    private final Deque<TrainingStep> steps = new ArrayDeque<>();
    private final List<ExportItem> ready = new ArrayList<>();

    public RunItems(String runId) {
        this.runId = runId;
    }

    public void add(ScoredRollout scored) {
        if (scored.getRunId().equals(runId)) {
            rollouts.add(scored);
        }
    }

    /** Workers that serve every run leave the run id empty. */
    public void add(AcceptanceStats stats) {
        if (stats.getRunId().isEmpty() || stats.getRunId().equals(runId)) {
            speculation.add(stats);
        }
    }

    public void add(TrainingStep step) {
        if (!step.getRunId().equals(runId)) {
            return;
        }
        if (step.getRole() == WeightRole.POLICY) {
            steps.add(step);
        } else {
            ready.add(round(step));
        }
    }

    public void add(PolicyEvaluation evaluation) {
        if (evaluation.getRunId().equals(runId)) {
            ready.add(evaluation(evaluation));
        }
    }

    /**
     * Items that are complete.
     *
     * @param now a step waits a moment for the statistics of its last interval; {@link Instant#MAX} takes all
     */
    public List<ExportItem> take(Instant now) {
        while (!steps.isEmpty() && (steps.size() > 1 || isSettled(steps.getFirst(), now))) {
            ready.add(step(steps.removeFirst()));
        }
        List<ExportItem> taken = List.copyOf(ready);
        ready.clear();
        return taken;
    }

    private static boolean isSettled(TrainingStep step, Instant now) {
        return step.getFinishedAt().plus(STATISTICS_LATE).isBefore(now);
    }

    private ExportItem step(TrainingStep step) {
        SortedMap<String, Double> scalars = metrics("train/", step.getMetrics());
        step.getPhases().forEach((phase, time) -> put(scalars, "time/" + phase + "_milliseconds", time));
        put(scalars, "time/step_seconds", seconds(step.getStartedAt(), step.getFinishedAt()));
        scalars.putAll(speculation.until(step.getFinishedAt()));
        StepRollouts.Told told = rollouts.take(step);
        return new ExportItem(
                POLICY,
                step.getStep(),
                step.getStartedAt(),
                step.getFinishedAt(),
                new TreeMap<>(),
                scalars,
                told.distributions(),
                told.texts());
    }

    private static ExportItem round(TrainingStep round) {
        return item(
                "drafter",
                round.getStep(),
                round.getStartedAt(),
                round.getFinishedAt(),
                new TreeMap<>(),
                metrics("drafter/", round.getMetrics()));
    }

    private static ExportItem evaluation(PolicyEvaluation evaluation) {
        String mode = evaluation.getMode().name().toLowerCase(Locale.ROOT);
        return item(
                "evaluation/" + evaluation.getDataSet() + "/" + mode,
                evaluation.getStep(),
                evaluation.getStartedAt(),
                evaluation.getFinishedAt(),
                new TreeMap<>(Map.of("data_set", evaluation.getDataSet(), "mode", mode)),
                metrics("evaluation/", evaluation.getMetrics()));
    }

    private static ExportItem item(
            String kind,
            long step,
            Instant started,
            Instant finished,
            SortedMap<String, String> labels,
            SortedMap<String, Double> scalars) {
        return new ExportItem(kind, step, started, finished, labels, scalars, new TreeMap<>(), new TreeMap<>());
    }

    private static SortedMap<String, Double> metrics(String prefix, Map<String, Double> metrics) {
        SortedMap<String, Double> scalars = new TreeMap<>();
        metrics.forEach((name, value) -> put(scalars, prefix + name, value));
        return scalars;
    }

    private static void put(SortedMap<String, Double> scalars, String name, double value) {
        if (Double.isFinite(value)) {
            scalars.put(name, value);
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
