package dev.respec.scorer;

import dev.respec.schemas.DraftSource;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TokenOrigin;
import dev.respec.schemas.TrustedEvents;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Rollouts that differ in what a test is about. */
final class Rollouts {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final Rollout rollout;

    private Rollouts(Rollout rollout) {
        this.rollout = rollout;
    }

    /** Sample 0 of 1 of request {@code run/0}, right under {@code arithmetic}. */
    static Rollouts aRollout() {
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        return new Rollouts(Rollout.newBuilder()
                .setRunId("run")
                .setRequestId("run/0")
                .setRolloutId("run/0/0")
                .setSampleIndex(0)
                .setGroupSize(1)
                .setPromptId("prompt-0")
                .setWorkerId("worker-0")
                .setTask("arithmetic")
                .setAnswer("3")
                .setMetadata(Map.of())
                .setPrompt("Q:1+2?A:")
                .setResponse("1+2=3;#3")
                .setPromptTokens(PackedArrays.ofInts(new int[] {2, 3, 4}))
                .setResponseTokens(PackedArrays.ofInts(new int[] {5, 6, 1}))
                .setLogProbabilities(PackedArrays.ofFloats(new float[] {-0.1f, -0.2f, -0.3f}))
                .setTemperature(1)
                .setPolicySpans(List.of(new PolicySpan(0L, 0, 3)))
                .setAdmittedAtVersion(0)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(new SpeculationSummary(3, 0, 0))
                .setTimings(new RolloutTimings(at, at.plusMillis(10), 1.0, 9.0))
                .setOriginSpans(List.of(
                        new OriginSpan(TokenOrigin.DRAFTED, DraftSource.SUFFIX, 2),
                        new OriginSpan(TokenOrigin.BONUS, DraftSource.SUFFIX, 1)))
                .build());
    }

    Rollouts ofRun(String runId) {
        rollout.setRunId(runId);
        return this;
    }

    Rollouts sample(String requestId, int index, int groupSize) {
        rollout.setRequestId(requestId);
        rollout.setRolloutId(requestId + "/" + index);
        rollout.setSampleIndex(index);
        rollout.setGroupSize(groupSize);
        return this;
    }

    Rollouts withId(String rolloutId) {
        rollout.setRolloutId(rolloutId);
        return this;
    }

    Rollouts withTask(String task) {
        rollout.setTask(task);
        return this;
    }

    Rollouts withResponse(String response) {
        rollout.setResponse(response);
        return this;
    }

    /** Log-probabilities of this many tokens. */
    Rollouts withLogProbabilities(int count) {
        rollout.setLogProbabilities(PackedArrays.ofFloats(new float[count]));
        return this;
    }

    /** Response tokens as these bytes. */
    Rollouts withResponseBytes(byte[] bytes) {
        rollout.setResponseTokens(ByteBuffer.wrap(bytes));
        return this;
    }

    Rollouts fromWorker(String workerId) {
        rollout.setWorkerId(workerId);
        return this;
    }

    Rollout build() {
        return rollout;
    }
}
