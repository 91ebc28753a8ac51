package dev.respec.trainer.evaluation;

import dev.respec.schemas.PolicyEvaluation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The evaluations of a run so far: which was the best, and whether the run has waited long enough for a better one. The
 * same evaluations give the same answers, so a resumed run reads them from the topic. Not thread-safe.
 */
public final class EvaluationHistory {
    private final DecidingScore deciding;
    private final int patience;
    private final SortedMap<Long, List<PolicyEvaluation>> bySteps = new TreeMap<>();

    /** An evaluation that no earlier one reaches. */
    public record Best(long step, long policyVersion, double score) {}

    public EvaluationHistory(DecidingScore deciding, int patience) {
        this.deciding = deciding;
        this.patience = patience;
    }

    /** Adds results; those of one step belong to one evaluation. */
    public void add(Collection<PolicyEvaluation> results) {
        results.forEach(result -> bySteps.computeIfAbsent(result.getStep(), step -> new ArrayList<>())
                .add(result));
    }

    public boolean has(long step) {
        return bySteps.containsKey(step);
    }

    /** Step of the last evaluation; -1 before the first. */
    public long lastStep() {
        return bySteps.isEmpty() ? -1 : bySteps.lastKey();
    }

    /** The best evaluation: the first that scored highest; empty if none has a score. */
    public Optional<Best> best() {
        Best best = null;
        for (var entry : bySteps.entrySet()) {
            var score = deciding.in(entry.getValue());
            if (score.isPresent() && (best == null || score.getAsDouble() > best.score())) {
                best = new Best(entry.getKey(), entry.getValue().get(0).getPolicyVersion(), score.getAsDouble());
            }
        }
        return Optional.ofNullable(best);
    }

    /** Why the run ends; empty while it goes on. */
    public Optional<String> reasonToEnd() {
        var best = best();
        if (patience == 0 || best.isEmpty()) {
            return Optional.empty();
        }
        var since = bySteps.tailMap(best.get().step() + 1).size();
        return since < patience
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "%s has not risen above %.4f, that of step %d, in %d evaluations (evaluation.patience)",
                        deciding.text(),
                        best.get().score(),
                        best.get().step(),
                        since));
    }
}
