package dev.respec.ops.replay;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.schemas.WorkerStatus;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a record can be chosen by; null for what its kind does not have.
 *
 * @param versions policy versions that made it
 * @param step of the trainer
 */
record RecordFacts(
        @Nullable String runId,
        @Nullable String requestId,
        @Nullable NumberSpan versions,
        @Nullable Long step) {
    private static final RecordFacts NONE = new RecordFacts(null, null, null, null);

    static RecordFacts of(@Nullable SpecificRecord value) {
        if (value instanceof RolloutRequest request) {
            return new RecordFacts(
                    request.getRunId(), request.getRequestId(), one(request.getAdmittedAtVersion()), null);
        }
        if (value instanceof Rollout rollout) {
            return new RecordFacts(rollout.getRunId(), rollout.getRequestId(), versions(rollout), null);
        }
        if (value instanceof ScoredRollout scored) {
            Rollout rollout = scored.getRollout();
            return new RecordFacts(
                    scored.getRunId(), scored.getRequestId(), rollout == null ? null : versions(rollout), null);
        }
        if (value instanceof AcceptanceStats stats) {
            return new RecordFacts(served(stats.getRunId()), null, one(stats.getPolicyVersion()), null);
        }
        if (value instanceof WorkerStatus status) {
            return new RecordFacts(served(status.getRunId()), null, one(status.getPolicyVersion()), null);
        }
        if (value instanceof WeightUpdate update) {
            Long step = update.getRole() == WeightRole.POLICY ? update.getStep() : null;
            return new RecordFacts(update.getRunId(), null, one(update.getPolicyVersion()), step);
        }
        if (value instanceof TrainingStep step) {
            return step.getRole() == WeightRole.POLICY
                    ? new RecordFacts(step.getRunId(), null, one(step.getVersion()), step.getStep())
                    : new RecordFacts(step.getRunId(), null, null, null);
        }
        if (value instanceof PolicyEvaluation evaluation) {
            return new RecordFacts(
                    evaluation.getRunId(), null, one(evaluation.getPolicyVersion()), evaluation.getStep());
        }
        return NONE;
    }

    /** Workers without a run serve every run. */
    private static @Nullable String served(String runId) {
        return runId.isEmpty() ? null : runId;
    }

    private static NumberSpan one(long version) {
        return new NumberSpan(version, version);
    }

    private static NumberSpan versions(Rollout rollout) {
        long first = Long.MAX_VALUE;
        long last = 0;
        for (PolicySpan span : rollout.getPolicySpans()) {
            first = Math.min(first, span.getPolicyVersion());
            last = Math.max(last, span.getPolicyVersion());
        }
        return first > last ? one(rollout.getAdmittedAtVersion()) : new NumberSpan(first, last);
    }
}
