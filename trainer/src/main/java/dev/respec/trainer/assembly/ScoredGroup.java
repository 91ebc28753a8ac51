package dev.respec.trainer.assembly;

import dev.respec.schemas.ScoredRollout;
import java.time.Instant;
import java.util.List;

/**
 * All scored rollouts of one request, as found in the topic.
 *
 * @param rollouts ascending in sample index; all of them if the group is complete, else those that arrived
 * @param partition where the group lies
 * @param firstOffset offset of its first record
 * @param lastOffset offset of its last record
 * @param timestamp of its last record
 */
public record ScoredGroup(
        String requestId,
        Status status,
        List<ScoredRollout> rollouts,
        int partition,
        long firstOffset,
        long lastOffset,
        Instant timestamp) {
    /** Whether every sample arrived. */
    public enum Status {
        COMPLETE,
        INCOMPLETE
    }

    public ScoredGroup {
        rollouts = List.copyOf(rollouts);
    }

    /** The n of the request id {@code run/n}, or -1 if it has none. */
    public long requestIndex() {
        try {
            return Long.parseLong(requestId.substring(requestId.lastIndexOf('/') + 1));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Oldest policy version any token was sampled from. */
    public long oldestPolicyVersion() {
        return rollouts.stream()
                .flatMap(scored -> scored.getRollout().getPolicySpans().stream())
                .mapToLong(span -> span.getPolicyVersion())
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
