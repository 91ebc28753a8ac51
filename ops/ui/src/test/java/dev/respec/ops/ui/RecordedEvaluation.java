package dev.respec.ops.ui;

import dev.respec.ops.audit.Runs;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.ScoredRollout;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.util.Map;

/** What {@link RecordedRun} lacks: its first request, and an evaluation after each of its two steps. */
final class RecordedEvaluation {
    private RecordedEvaluation() {}

    /** Each evaluation has one request of two rollouts with rewards 0 and 7; pass@1 is 0.5 and 0.75. */
    static void write(EventLog events) {
        try (var producer = events.producer()) {
            producer.resend(TopicCatalogue.ROLLOUT_REQUESTS, event(request(Runs.RUN + "/0", RolloutPurpose.TRAINING)));
            for (int step = 1; step <= 2; step++) {
                String id = new EvaluationRequestId(Runs.RUN, step, "sums", EvaluationMode.SAMPLED, 0, 0).text();
                producer.resend(TopicCatalogue.ROLLOUT_REQUESTS, event(request(id, RolloutPurpose.EVALUATION)));
                for (int sample = 0; sample < 2; sample++) {
                    producer.resend(TopicCatalogue.SCORED_ROLLOUTS, event(answer(id, sample)));
                }
                PolicyEvaluation evaluation = Runs.evaluation(step, step, id);
                evaluation.setMetrics(Map.of("pass@1", 0.25 + 0.25 * step));
                evaluation.setDecidingMetric("pass@1");
                producer.resend(TopicCatalogue.EVALUATIONS, event(evaluation));
            }
            producer.flush();
        }
    }

    private static <V> Event<V> event(V value) {
        return new Event<>("", 0, 0, Runs.START.plusSeconds(100), Runs.RUN, value);
    }

    private static ScoredRollout answer(String id, int sample) {
        ScoredRollout scored = RecordedRun.scoredRollout(7, sample);
        scored.setRequestId(id);
        scored.setAdvantage(1.5);
        scored.getRollout().setRequestId(id);
        scored.getRollout().setRolloutId(id + "/" + sample);
        scored.getRollout().setPurpose(RolloutPurpose.EVALUATION);
        return scored;
    }

    private static RolloutRequest request(String id, RolloutPurpose purpose) {
        return RolloutRequest.newBuilder()
                .setRunId(Runs.RUN)
                .setRequestId(id)
                .setRequestIndex(0)
                .setPromptId("p")
                .setPrompt("2+2")
                .setGroupSize(2)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 8))
                .setSeed(1)
                .setTask("arithmetic")
                .setAnswer("4")
                .setMetadata(Map.of())
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Runs.START)
                .setPurpose(purpose)
                .build();
    }
}
