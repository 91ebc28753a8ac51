package dev.respec.ops.audit;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What audit and report keep of a record of {@code scored-rollouts}.
 *
 * @param rollout null in the record that closes an incomplete group
 * @param missingSamples sample indices declared lost; empty unless the group is incomplete
 */
public record ScoredRecord(
        int partition,
        long offset,
        String requestId,
        @Nullable PublishedRollout rollout,
        double reward,
        boolean inCompleteGroup,
        List<Integer> missingSamples) {

    public ScoredRecord {
        missingSamples = List.copyOf(missingSamples);
    }

    public static ScoredRecord of(int partition, long offset, ScoredRollout scored) {
        Rollout rollout = scored.getRollout();
        return new ScoredRecord(
                partition,
                offset,
                scored.getRequestId(),
                rollout == null ? null : PublishedRollout.of(rollout),
                scored.getReward(),
                scored.getGroup().getStatus() == GroupStatus.COMPLETE,
                scored.getMissingSamples());
    }
}
