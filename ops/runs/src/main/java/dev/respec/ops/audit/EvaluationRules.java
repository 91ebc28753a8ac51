package dev.respec.ops.audit;

import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every evaluation counts whole answers of the one version that it evaluates, each once, and is reported once; no step of
 * the trainer or the learner used a request of an evaluation.
 */
final class EvaluationRules {
    private EvaluationRules() {}

    static void check(RunRecords records, Violations violations) {
        Map<String, List<PublishedRollout>> answers = new HashMap<>();
        for (ScoredRecord record : records.evaluation().scored()) {
            PublishedRollout rollout = record.rollout();
            if (rollout != null) {
                answers.computeIfAbsent(record.requestId(), id -> new ArrayList<>())
                        .add(rollout);
            }
        }
        Set<String> reported = new HashSet<>();
        Set<String> counted = new HashSet<>();
        for (PolicyEvaluation result : records.evaluation().results()) {
            String name = "step " + result.getStep() + ", " + result.getDataSet() + ", " + result.getMode();
            if (!reported.add(name)) {
                violations.add("evaluation reported twice", name);
            }
            for (String id : result.getRequestIds()) {
                if (!counted.add(id)) {
                    violations.add("answer of an evaluation counted twice", id);
                }
                checkAnswers(result, id, answers.getOrDefault(id, List.of()), violations);
            }
        }
        checkNotTrainedOn(records, violations);
    }

    private static void checkAnswers(
            PolicyEvaluation result, String requestId, List<PublishedRollout> answers, Violations violations) {
        if (answers.size() != result.getSamples()) {
            violations.add(
                    "evaluation counts a request that is not answered in full",
                    requestId + " has " + answers.size() + " answers of " + result.getSamples());
        }
        for (PublishedRollout answer : answers) {
            if (answer.oldestPolicyVersion() != result.getPolicyVersion()
                    || answer.newestPolicyVersion() != result.getPolicyVersion()) {
                violations.add(
                        "answer of an evaluation is of another version",
                        answer.rolloutId() + " has versions " + answer.oldestPolicyVersion() + " to "
                                + answer.newestPolicyVersion() + ", expected " + result.getPolicyVersion());
            }
        }
    }

    private static void checkNotTrainedOn(RunRecords records, Violations violations) {
        for (TrainingStep step : records.steps()) {
            step.getRequestIds().stream()
                    .filter(EvaluationRequestId::isIn)
                    .forEach(id -> violations.add(
                            "evaluation trained on", id + " in " + step.getRole() + " step " + step.getStep()));
        }
    }
}
