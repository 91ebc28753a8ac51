package dev.respec.ops.audit;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import java.time.Instant;

/**
 * What audit and report keep of a rollout: everything but its tokens.
 *
 * @param responseTokens length of the response, the stop token included
 * @param oldestPolicyVersion the version that sampled its first token
 */
public record PublishedRollout(
        String rolloutId,
        String requestId,
        int sampleIndex,
        String workerId,
        int responseTokens,
        boolean stopped,
        long oldestPolicyVersion,
        long newestPolicyVersion,
        int verifySteps,
        int draftedTokens,
        int acceptedDraftTokens,
        double prefillMilliseconds,
        double decodeMilliseconds,
        Instant finishedAt) {

    public static PublishedRollout of(Rollout rollout) {
        long oldest = rollout.getPolicySpans().stream()
                .mapToLong(PolicySpan::getPolicyVersion)
                .min()
                .orElse(rollout.getAdmittedAtVersion());
        long newest = rollout.getPolicySpans().stream()
                .mapToLong(PolicySpan::getPolicyVersion)
                .max()
                .orElse(rollout.getAdmittedAtVersion());
        return new PublishedRollout(
                rollout.getRolloutId(),
                rollout.getRequestId(),
                rollout.getSampleIndex(),
                rollout.getWorkerId(),
                rollout.getResponseTokens().remaining() / Integer.BYTES,
                rollout.getFinishReason() == FinishReason.STOP,
                oldest,
                newest,
                rollout.getSpeculation().getVerifySteps(),
                rollout.getSpeculation().getDraftedTokens(),
                rollout.getSpeculation().getAcceptedDraftTokens(),
                rollout.getTimings().getPrefillMilliseconds(),
                rollout.getTimings().getDecodeMilliseconds(),
                rollout.getTimings().getFinishedAt());
    }
}
