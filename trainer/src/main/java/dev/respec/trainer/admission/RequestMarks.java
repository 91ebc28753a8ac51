package dev.respec.trainer.admission;

import dev.respec.schemas.RolloutRequest;

/** What tells a request of a run's trainer from one that another client wrote under the same run id. */
public final class RequestMarks {
    /** Position of the prompt, in the metadata. */
    public static final String POSITION = "respec.position";

    /** How often the prompt was asked before, in the metadata. */
    public static final String ATTEMPT = "respec.attempt";

    private RequestMarks() {}

    /** Whether a trainer of this project published the request. */
    public static boolean areOn(RolloutRequest request) {
        return request.getMetadata().containsKey(POSITION)
                && request.getMetadata().containsKey(ATTEMPT)
                && request.getRequestId().equals(requestId(request.getRunId(), request.getRequestIndex()));
    }

    /** Whether a trainer gives ids of this form. */
    public static boolean formOf(String runId, String requestId) {
        var prefix = runId + "/";
        return requestId.startsWith(prefix)
                && requestId.substring(prefix.length()).matches("0|[1-9]\\d{0,17}");
    }

    public static String requestId(String runId, long requestIndex) {
        return runId + "/" + requestIndex;
    }
}
