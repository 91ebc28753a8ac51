package dev.respec.ops.audit;

import dev.respec.schemas.RolloutRequest;

/** What the audit keeps of a record of {@code rollout-requests}. */
public record AdmittedRequest(String requestId, long requestIndex, int groupSize, long admittedAtVersion) {
    public static AdmittedRequest of(RolloutRequest request) {
        return new AdmittedRequest(
                request.getRequestId(),
                request.getRequestIndex(),
                request.getGroupSize(),
                request.getAdmittedAtVersion());
    }
}
