package dev.respec.trainer.assembly;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TrustedEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Builds scored rollouts as the scorer writes them. */
public final class ScoredRecords {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    public static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    private ScoredRecords() {}

    /** A complete group's records. */
    public static List<ScoredRollout> complete(String runId, String requestId, int groupSize) {
        var records = new ArrayList<ScoredRollout>();
        for (int sample = 0; sample < groupSize; sample++) {
            records.add(scored(
                    runId,
                    requestId,
                    rollout(runId, requestId, sample, groupSize, 0),
                    GroupStatus.COMPLETE,
                    groupSize,
                    groupSize,
                    sample % 2));
        }
        return records;
    }

    /** What arrived of an incomplete group, and the record that closes it. */
    public static List<ScoredRollout> incomplete(String runId, String requestId, int groupSize, int arrived) {
        var records = new ArrayList<ScoredRollout>();
        for (int sample = 0; sample < arrived; sample++) {
            records.add(scored(
                    runId,
                    requestId,
                    rollout(runId, requestId, sample, groupSize, 0),
                    GroupStatus.INCOMPLETE,
                    groupSize,
                    arrived,
                    0));
        }
        var closing = scored(runId, requestId, null, GroupStatus.INCOMPLETE, groupSize, arrived, 0);
        closing.setMissingSamples(IntStream.range(arrived, groupSize).boxed().toList());
        records.add(closing);
        return records;
    }

    /** One rollout of three prompt tokens and two response tokens, sampled from one policy version. */
    public static Rollout rollout(String runId, String requestId, int sample, int groupSize, long policyVersion) {
        return Rollout.newBuilder()
                .setRunId(runId)
                .setRequestId(requestId)
                .setRolloutId(requestId + "/" + sample)
                .setSampleIndex(sample)
                .setGroupSize(groupSize)
                .setPromptId("p")
                .setWorkerId("w")
                .setTask("arithmetic")
                .setAnswer("1")
                .setPrompt("Q")
                .setResponse("A")
                .setPromptTokens(PackedArrays.ofInts(new int[] {2, 3, 4}))
                .setResponseTokens(PackedArrays.ofInts(new int[] {5, 1}))
                .setLogProbabilities(PackedArrays.ofFloats(new float[] {-1f, -0.5f}))
                .setTemperature(1)
                .setPolicySpans(List.of(PolicySpan.newBuilder()
                        .setPolicyVersion(policyVersion)
                        .setFirstToken(0)
                        .setTokenCount(2)
                        .build()))
                .setAdmittedAtVersion(policyVersion)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(SpeculationSummary.newBuilder()
                        .setVerifySteps(1)
                        .setDraftedTokens(1)
                        .setAcceptedDraftTokens(1)
                        .build())
                .setTimings(RolloutTimings.newBuilder()
                        .setStartedAt(EPOCH)
                        .setFinishedAt(EPOCH)
                        .setPrefillMilliseconds(0)
                        .setDecodeMilliseconds(0)
                        .build())
                .build();
    }

    /** A record with statistics of its group; the rollout is null in the record that closes an incomplete group. */
    public static ScoredRollout scored(
            String runId,
            String requestId,
            @org.jspecify.annotations.Nullable Rollout rollout,
            GroupStatus status,
            int groupSize,
            int arrived,
            double reward) {
        return ScoredRollout.newBuilder()
                .setRunId(runId)
                .setRequestId(requestId)
                .setRollout(rollout)
                .setReward(reward)
                .setRewardParts(Map.of())
                .setRewardFunction("arithmetic")
                .setGroup(GroupStatistics.newBuilder()
                        .setStatus(status)
                        .setGroupSize(groupSize)
                        .setRolloutCount(arrived)
                        .setRewardMean(0)
                        .setRewardDeviation(0)
                        .build())
                .setAdvantage(0)
                .setScoredAt(EPOCH)
                .build();
    }
}
