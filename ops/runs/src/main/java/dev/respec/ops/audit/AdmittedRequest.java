package dev.respec.ops.audit;

import dev.respec.schemas.RolloutRequest;
import dev.respec.trainer.admission.RequestMarks;

/**
 * What the audit keeps of a record of {@code rollout-requests}.
 *
 * @param foreign written by another client than the run's trainer: it is answered, but nothing is trained on it
 */
public record AdmittedRequest(
        String requestId, long requestIndex, int groupSize, long admittedAtVersion, boolean foreign) {
    /** A request of the trainer. */
    public AdmittedRequest(String requestId, long requestIndex, int groupSize, long admittedAtVersion) {
        this(requestId, requestIndex, groupSize, admittedAtVersion, false);
    }

    public static AdmittedRequest of(RolloutRequest request) {
        return new AdmittedRequest(
                request.getRequestId(),
                request.getRequestIndex(),
                request.getGroupSize(),
                request.getAdmittedAtVersion(),
                !RequestMarks.areOn(request));
    }
}
