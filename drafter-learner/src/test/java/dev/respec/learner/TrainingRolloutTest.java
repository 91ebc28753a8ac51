package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TrustedEvents;
import dev.respec.topics.Event;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingRolloutTest {
    static {
        TrustedEvents.trust();
    }

    @Test
    void shouldLearnFromARolloutOfTraining() {
        assertThat(TrainingRollout.of(event("run/3", RolloutPurpose.TRAINING))).isPresent();
    }

    @Test
    void shouldLearnNothingFromAnEvaluation() {
        String id = "run/evaluation/2/sums/sampled/0/0";

        assertThat(TrainingRollout.of(event(id, RolloutPurpose.EVALUATION))).isEmpty();
        // a worker from before evaluations does not say what a rollout is for
        assertThat(TrainingRollout.of(event(id, RolloutPurpose.TRAINING))).isEmpty();
        assertThat(TrainingRollout.of(event("run/3", RolloutPurpose.EVALUATION)))
                .isEmpty();
    }

    private static Event<ScoredRollout> event(String requestId, RolloutPurpose purpose) {
        var rollout = Rollout.newBuilder()
                .setRunId("run")
                .setRequestId(requestId)
                .setRolloutId(requestId + "/0")
                .setSampleIndex(0)
                .setGroupSize(1)
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
                .setPolicySpans(List.of(new PolicySpan(1L, 0, 2)))
                .setAdmittedAtVersion(1)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(new SpeculationSummary(1, 1, 1))
                .setTimings(new RolloutTimings(Instant.EPOCH, Instant.EPOCH, 0.0, 0.0))
                .setPurpose(purpose)
                .build();
        var scored = ScoredRollout.newBuilder()
                .setRunId("run")
                .setRequestId(requestId)
                .setRollout(rollout)
                .setReward(1)
                .setRewardFunction("arithmetic")
                .setGroup(new GroupStatistics(GroupStatus.COMPLETE, 1, 1, 1.0, 0.0))
                .setAdvantage(0)
                .setScoredAt(Instant.EPOCH)
                .build();
        return new Event<>("scored-rollouts", 0, 0, Instant.EPOCH, requestId, scored);
    }
}
