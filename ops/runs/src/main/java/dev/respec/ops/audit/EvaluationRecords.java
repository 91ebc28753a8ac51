package dev.respec.ops.audit;

import dev.respec.schemas.PolicyEvaluation;
import java.util.Comparator;
import java.util.List;

/**
 * What the evaluations of a run left on its topics. It is kept apart from what the run trained on, so that no figure of
 * training can count it.
 *
 * @param results in the order of the topic
 * @param scored records of {@code scored-rollouts} that answer evaluations
 */
public record EvaluationRecords(List<PolicyEvaluation> results, List<ScoredRecord> scored) {
    public static final EvaluationRecords NONE = new EvaluationRecords(List.of(), List.of());

    public EvaluationRecords {
        results = List.copyOf(results);
        scored = List.copyOf(scored);
    }

    /** The results, by step, data set and mode. */
    public List<PolicyEvaluation> inOrder() {
        return results.stream()
                .sorted(Comparator.comparingLong(PolicyEvaluation::getStep)
                        .thenComparing(PolicyEvaluation::getDataSet)
                        .thenComparing(PolicyEvaluation::getMode))
                .toList();
    }
}
