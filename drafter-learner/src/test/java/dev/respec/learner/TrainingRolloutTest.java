package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.learner.distillation.RejectedDrafts;
import dev.respec.schemas.DraftSource;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TokenOrigin;
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

    /** Steps: d d R | R | suffix d R | d R | plain | tree R. Of the suffix drafter's draft nothing is learnt here. */
    @Test
    void shouldKnowWhichDraftsOfItsDrafterWereRejected() {
        var spans = List.of(
                new OriginSpan(TokenOrigin.DRAFTED, DraftSource.EAGLE3_CHAIN, 2),
                new OriginSpan(TokenOrigin.RECOVERED, DraftSource.EAGLE3_CHAIN, 2),
                new OriginSpan(TokenOrigin.DRAFTED, DraftSource.SUFFIX, 1),
                new OriginSpan(TokenOrigin.RECOVERED, DraftSource.SUFFIX, 1),
                new OriginSpan(TokenOrigin.DRAFTED, DraftSource.EAGLE3_CHAIN, 1),
                new OriginSpan(TokenOrigin.RECOVERED, DraftSource.EAGLE3_CHAIN, 1),
                new OriginSpan(TokenOrigin.PLAIN, DraftSource.NONE, 1),
                new OriginSpan(TokenOrigin.RECOVERED, DraftSource.EAGLE3_TREE, 1));

        var tokens = TrainingRollout.of(event(10, spans)).orElseThrow().tokens();

        assertThat(tokens.rejected()).hasToString("tokens [2, 3, 7, 9], depths [2, 0, 1, 0]");
    }

    @Test
    void shouldKnowNoRejectedDraftOfARolloutThatDoesNotSay() {
        assertThat(TrainingRollout.of(event(2, List.of()))
                        .orElseThrow()
                        .tokens()
                        .rejected())
                .isSameAs(RejectedDrafts.NONE);
        // spans that do not cover the response
        var span = new OriginSpan(TokenOrigin.RECOVERED, DraftSource.EAGLE3_CHAIN, 5);
        assertThat(TrainingRollout.of(event(2, List.of(span)))
                        .orElseThrow()
                        .tokens()
                        .rejected())
                .isSameAs(RejectedDrafts.NONE);
    }

    private static Event<ScoredRollout> event(int responseLength, List<OriginSpan> spans) {
        var event = event("run/3", RolloutPurpose.TRAINING);
        var rollout = event.requireValue().getRollout();
        rollout.setResponseTokens(PackedArrays.ofInts(new int[responseLength]));
        rollout.setOriginSpans(spans);
        return event;
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
