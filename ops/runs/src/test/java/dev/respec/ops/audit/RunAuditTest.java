package dev.respec.ops.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The proof is proved: every way to break a run that it claims to exclude is injected and must be named. */
class RunAuditTest {
    static {
        TrustedEvents.trust();
    }

    private static final int STEPS = 5;
    private static final int BOUND = 1;

    private final Runs run = Runs.aRunOf(STEPS);

    @Test
    void shouldFindNothingInARunThatObeysTheRules() {
        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.admitted()).isEqualTo(10);
        assertThat(report.complete()).isEqualTo(10);
        assertThat(report.incomplete()).isZero();
        assertThat(report.expectedRollouts()).isEqualTo(40);
        assertThat(report.scoredRollouts()).isEqualTo(40);
        assertThat(report.missingRollouts()).isZero();
        assertThat(report.duplicatesDropped()).isZero();
        assertThat(report.trainedRollouts()).isEqualTo(40);
        // Step s trains version s - 1 on rollouts of version s - 2.
        assertThat(report.stalenessMax()).isEqualTo(1);
    }

    @Test
    void shouldCountGroupsThatWereSetAside() {
        // Given step 3 used one group and set the other aside, whose answers all got 1
        reward("run-1/5", 1);
        run.steps.set(2, Runs.step(3, 3, 16, 24, List.of("run-1/4"), List.of("run-1/5 equal-rewards")));

        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.droppedGroups()).containsExactly(Map.entry("equal-rewards", 1));
        assertThat(report.complete()).isEqualTo(10);
        assertThat(report.trainedRollouts()).isEqualTo(36);
    }

    @Test
    void shouldNameAGroupThatWasSetAsideAlthoughItTeaches() {
        run.steps.set(2, Runs.step(3, 3, 16, 24, List.of("run-1/4"), List.of("run-1/5 equal-rewards")));

        assertThat(audit().violations())
                .first()
                .asString()
                .startsWith("group set aside whose rewards differ: run-1/5/1 has 1.0, another of its length 0.0");
    }

    @Test
    void shouldNameAGroupThatWasSetAsideAndIsNotComplete() {
        run.steps.set(2, Runs.step(3, 3, 16, 24, List.of("run-1/4", "run-1/5"), List.of("run-1/77 equal-rewards")));

        assertThat(audit().violations()).containsExactly("group set aside that is not complete: run-1/77");
    }

    /** Gives every answer of a group the same reward. */
    private void reward(String requestId, double reward) {
        run.scored.replaceAll(record -> !record.requestId().equals(requestId)
                ? record
                : new ScoredRecord(
                        record.partition(),
                        record.offset(),
                        requestId,
                        record.rollout(),
                        reward,
                        record.inCompleteGroup(),
                        List.of()));
    }

    @Test
    void shouldCountRequestsOfOtherClientsAsForeign() {
        // Given a request that was answered and scored, and one that nobody took yet
        run.requests.add(new AdmittedRequest("mine", 0, 2, 0, true));
        run.requests.add(new AdmittedRequest("mine, too", 5, 2, 0, true));
        for (int sample = 0; sample < 2; sample++) {
            PublishedRollout rollout = Runs.rollout("mine", sample, 1);
            run.rollouts.add(rollout);
            run.scored.add(new ScoredRecord(0, run.scored.size(), "mine", rollout, 1, true, List.of()));
        }
        int end = run.scored.size();
        run.steps.set(4, Runs.step(5, 5, 32, end, List.of("run-1/8", "run-1/9"), List.of()));

        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.foreign()).isEqualTo(2);
        assertThat(report.admitted()).isEqualTo(10);
        assertThat(report.expectedRollouts()).isEqualTo(40);
        assertThat(report.scoredRollouts()).isEqualTo(40);
    }

    @Test
    void shouldTellTheTrainersRequestsFromThoseOfOtherClients() {
        RolloutRequest.Builder request = RolloutRequest.newBuilder()
                .setRunId("run-1")
                .setRequestId("run-1/3")
                .setRequestIndex(3)
                .setPromptId("p")
                .setPrompt("1+1")
                .setGroupSize(2)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 8))
                .setSeed(1)
                .setTask("exact-match")
                .setAnswer("2")
                .setMetadata(Map.of("respec.position", "3", "respec.attempt", "0"))
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.EPOCH);

        assertThat(AdmittedRequest.of(request.build()).foreign()).isFalse();
        assertThat(AdmittedRequest.of(RolloutRequest.newBuilder(request)
                                .setRequestId("mine/3")
                                .build())
                        .foreign())
                .isTrue();
        assertThat(AdmittedRequest.of(RolloutRequest.newBuilder(request)
                                .setMetadata(Map.of())
                                .build())
                        .foreign())
                .isTrue();
    }

    @Test
    void shouldAcceptAStepWithoutSignalThatKeepsItsVersion() {
        // Given that step 3 of 5 taught nothing: two more steps, one version less each
        without(3, 2);
        without(4, 3);
        without(5, 4);
        run.weights.remove(4);
        run.steps.get(2).setMetrics(Map.of("no_signal", 1.0));

        assertThat(audit().violations()).isEmpty();
    }

    @Test
    void shouldNameAVersionThatNoStepAccountsFor() {
        run.steps.get(2).setMetrics(Map.of("no_signal", 1.0));

        assertThat(audit().violations()).containsExactly("a step without signal has a version of its own: step 3");
    }

    @Test
    void shouldNameAStepThatTaughtAndHasNoVersion() {
        without(3, 2);

        assertThat(audit().violations()).containsExactly("a step with signal has no version of its own: step 3");
    }

    private void without(int step, long version) {
        run.steps.get(step - 1).setVersion(version);
    }

    @Test
    void shouldCountRepeatsOnRolloutsAsDroppedWhereTheyWereScoredOnce() {
        run.rollouts.add(run.rollouts.get(3));
        run.rollouts.add(run.rollouts.get(3));

        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.duplicatesDropped()).isEqualTo(2);
        assertThat(report.scoredRollouts()).isEqualTo(40);
    }

    @Test
    void shouldNameARolloutThatWasCountedTwice() {
        ScoredRecord last = run.scored.get(39);
        run.scored.add(new ScoredRecord(0, 40, last.requestId(), last.rollout(), 1, true, List.of()));

        assertThat(audit().violations()).containsExactly("rollout counted twice: run-1/9/3 at offset 40");
    }

    @Test
    void shouldNameARolloutThatWasPublishedAndLost() {
        run.scored.remove(6);

        AuditReport report = audit();

        assertThat(report.missingRollouts()).isEqualTo(1);
        assertThat(report.violations())
                .contains(
                        "published rollout was never scored: run-1/1/2",
                        "group neither complete nor declared incomplete: run-1/1 has samples [0, 1, 3] of 4");
    }

    @Test
    void shouldNameARequestThatCameToNothing() {
        run.requests.add(new AdmittedRequest("run-1/10", 10, 4, 0));

        AuditReport report = audit();

        assertThat(report.open()).isEqualTo(1);
        assertThat(report.missingRollouts()).isEqualTo(4);
        assertThat(report.violations()).containsExactly("admitted request without a scored group: run-1/10");
    }

    @Test
    void shouldAcceptAGroupThatWasDeclaredIncompleteAndDropped() {
        closeLastGroupWithout(3);

        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.incomplete()).isEqualTo(1);
        assertThat(report.complete()).isEqualTo(9);
        assertThat(report.missingRollouts()).isEqualTo(1);
        assertThat(report.droppedGroups()).containsEntry("incomplete", 1);
    }

    @Test
    void shouldNameASampleThatIsNeitherScoredNorDeclaredMissing() {
        closeLastGroupWithout(3);
        ScoredRecord closing = run.scored.remove(39);
        run.scored.add(new ScoredRecord(0, 39, closing.requestId(), null, 0, false, List.of()));

        assertThat(audit().violations())
                .containsExactly("sample of an incomplete group is not exactly one of scored and declared missing:"
                        + " run-1/9/3");
    }

    @Test
    void shouldNameAGroupThatEndedTwice() {
        ScoredRecord last = run.scored.get(39);
        run.scored.add(new ScoredRecord(0, 40, last.requestId(), null, 0, false, List.of()));

        assertThat(audit().violations()).contains("group both complete and declared incomplete: run-1/9");
    }

    @Test
    void shouldNameOffsetsThatTheLearnerSkipped() {
        run.steps.add(drafterRound(1, 0, 24));
        run.steps.add(drafterRound(2, 25, 40));

        assertThat(audit().violations())
                .containsExactly("offsets skipped: round 2, scored-rollouts-0 [25, 40) after 24");
    }

    @Test
    void shouldNameARoundThatTheLearnerLeftOut() {
        run.steps.add(drafterRound(1, 0, 24));
        run.steps.add(drafterRound(3, 24, 40));

        assertThat(audit().violations()).containsExactly("steps are not numbered without a gap: 3 after 1");
    }

    private static TrainingStep drafterRound(long round, long from, long to) {
        return TrainingStep.newBuilder(Runs.step(round, 0, from, to, List.of(), List.of()))
                .setRole(WeightRole.DRAFTER)
                .build();
    }

    @Test
    void shouldNameARolloutOfARequestNobodyAdmitted() {
        run.scored.add(new ScoredRecord(0, 40, "run-1/77", Runs.rollout("run-1/77", 0, 4), 1, true, List.of()));

        assertThat(audit().violations()).containsExactly("scored rollout of a request that was not admitted: run-1/77");
    }

    @Test
    void shouldNameAGroupThatWasTrainedOnTwice() {
        run.steps.set(4, Runs.step(5, 5, 32, 40, List.of("run-1/8", "run-1/9", "run-1/0"), List.of()));

        assertThat(audit().violations()).contains("group trained on twice: run-1/0 in step 5");
    }

    @Test
    void shouldNameAGroupThatWasReadAndForgotten() {
        run.steps.set(2, Runs.step(3, 3, 16, 24, List.of("run-1/4"), List.of()));

        assertThat(audit().violations()).containsExactly("group read, but neither trained on nor dropped: run-1/5");
    }

    @Test
    void shouldCountGroupsPastTheLastStepAsUnread() {
        run.steps.remove(4);
        run.weights.remove(4);

        AuditReport report = audit();

        assertThat(report.violations()).isEmpty();
        assertThat(report.unreadGroups()).isEqualTo(2);
    }

    @Test
    void shouldNameSkippedOffsets() {
        run.steps.set(2, Runs.step(3, 3, 17, 24, List.of("run-1/4", "run-1/5"), List.of()));

        assertThat(audit().violations())
                .containsExactly("offsets skipped: step 3, scored-rollouts-0 [17, 24) after 16");
    }

    @Test
    void shouldNameOffsetsReadTwice() {
        run.steps.set(2, Runs.step(3, 3, 15, 24, List.of("run-1/4", "run-1/5"), List.of()));

        assertThat(audit().violations())
                .containsExactly("offsets read twice: step 3, scored-rollouts-0 [15, 24) after 16");
    }

    @Test
    void shouldNameRecordsBeforeTheFirstStepsOffsets() {
        run.steps.set(0, Runs.step(1, 1, 2, 8, List.of("run-1/0", "run-1/1"), List.of()));

        assertThat(audit().violations())
                .containsExactly("offsets skipped: step 1, scored-rollouts-0 [2, 8) leaves out 0");
    }

    @Test
    void shouldNameAVersionThatDoesNotRise() {
        run.weights.add(Runs.weights(3, "other"));

        assertThat(audit().violations()).containsExactly("version does not rise: POLICY version 3 after 5");
    }

    @Test
    void shouldAcceptTheSameVersionPublishedAgainAfterARestart() {
        run.weights.add(Runs.weights(5, "a5"));

        assertThat(audit().violations()).isEmpty();
    }

    @Test
    void shouldNameTwoSetsOfBytesUnderOneVersion() {
        run.weights.add(Runs.weights(5, "other"));

        assertThat(audit().violations()).containsExactly("version does not rise: POLICY version 5 after 5");
    }

    @Test
    void shouldAcceptAStepPublishedAgainAndRefuseADifferentOneUnderItsNumber() {
        run.steps.add(run.steps.get(4));
        assertThat(audit().violations()).isEmpty();

        run.steps.add(Runs.step(5, 5, 32, 40, List.of("run-1/8"), List.of()));
        assertThat(audit().violations()).containsExactly("two different steps with one number: POLICY step 5");
    }

    @Test
    void shouldNameAMissingStep() {
        run.steps.remove(2);

        assertThat(audit().violations()).contains("steps are not numbered without a gap: 4 after 2");
    }

    @Test
    void shouldNameStalenessPastTheBound() {
        assertThat(RunAudit.audit(run.records(), 0).violations()).containsExactly("staleness past the bound: 1 > 0");
    }

    @Test
    void shouldMeasureStalenessFromTheOldestTokenOfAGroup() {
        ScoredRecord record = run.scored.get(39);
        run.scored.set(
                39,
                new ScoredRecord(
                        0, 39, record.requestId(), Runs.rollout(record.requestId(), 3, 1), 1, true, List.of()));

        // Step 5 trains version 4.
        assertThat(RunAudit.audit(run.records(), 3).stalenessMax()).isEqualTo(3);
    }

    @Test
    void shouldCallWhatIsInFlightOpenAndNotLostInARunThatGoesOn() {
        // Given: a group of which two rollouts are scored, one that was only published, one that was only admitted
        run.requests.add(new AdmittedRequest("run-1/10", 10, Runs.GROUP_SIZE, 5));
        run.requests.add(new AdmittedRequest("run-1/11", 11, Runs.GROUP_SIZE, 5));
        run.requests.add(new AdmittedRequest("run-1/12", 12, Runs.GROUP_SIZE, 5));
        for (int sample = 0; sample < 2; sample++) {
            var rollout = Runs.rollout("run-1/10", sample, 5);
            run.rollouts.add(rollout);
            run.scored.add(new ScoredRecord(0, 40 + sample, "run-1/10", rollout, 1, false, List.of()));
        }
        run.rollouts.add(Runs.rollout("run-1/10", 2, 5));
        run.rollouts.add(Runs.rollout("run-1/11", 0, 5));

        // When
        AuditReport going = RunAudit.auditSoFar(run.records(), BOUND);

        // Then
        assertThat(going.violations()).isEmpty();
        assertThat(going.open()).isEqualTo(3);
        assertThat(going.missingRollouts()).isZero();
        assertThat(audit().violations()).isNotEmpty();
        assertThat(audit().missingRollouts()).isEqualTo(10);
    }

    @Test
    void shouldNameALostRolloutOfACompleteGroupInARunThatGoesOnToo() {
        run.rollouts.add(Runs.rollout("run-1/3", 7, 1));

        assertThat(RunAudit.auditSoFar(run.records(), BOUND).violations())
                .containsExactly("published rollout was never scored: run-1/3/7");
    }

    @Test
    void shouldCountNothingOfAnEvaluationAsTraining() {
        AuditReport before = audit();
        run.addEvaluation(2, 2);
        run.addEvaluation(4, 4);

        assertThat(audit()).isEqualTo(before);
    }

    @Test
    void shouldNameAnAnswerOfAnotherVersion() {
        String id = run.addEvaluation(2, 2);
        run.evaluations.set(0, Runs.evaluation(2, 3, id));

        assertThat(audit().violations())
                .containsExactly(
                        "answer of an evaluation is of another version: %s/0 has versions 2 to 2, expected 3"
                                .formatted(id),
                        "answer of an evaluation is of another version: %s/1 has versions 2 to 2, expected 3"
                                .formatted(id));
    }

    @Test
    void shouldNameAnEvaluationThatIsReportedTwiceOrCountsWhatIsNotAnswered() {
        String id = run.addEvaluation(2, 2);
        run.evaluations.add(Runs.evaluation(2, 2, id));
        run.evaluationAnswers.remove(1);

        assertThat(audit().violations())
                .contains(
                        "evaluation reported twice: step 2, sums, SAMPLED",
                        "answer of an evaluation counted twice: " + id,
                        "evaluation counts a request that is not answered in full: " + id + " has 1 answers of 2");
    }

    @Test
    void shouldNameAnEvaluationThatWasTrainedOn() {
        String id = run.addEvaluation(2, 2);
        run.steps.set(4, Runs.step(5, 5, 32, 40, List.of("run-1/8", "run-1/9", id), List.of()));

        assertThat(audit().violations()).contains("evaluation trained on: " + id + " in POLICY step 5");
    }

    private AuditReport audit() {
        return RunAudit.audit(run.records(), BOUND);
    }

    private void closeLastGroupWithout(int sample) {
        ScoredRecord lost = run.scored.remove(39);
        run.scored.replaceAll(record -> record.requestId().equals(lost.requestId())
                ? new ScoredRecord(
                        0, record.offset(), record.requestId(), record.rollout(), record.reward(), false, List.of())
                : record);
        run.rollouts.removeIf(rollout -> rollout.rolloutId().equals(lost.requestId() + "/" + sample));
        run.scored.add(new ScoredRecord(0, 39, lost.requestId(), null, 0, false, List.of(sample)));
        run.steps.set(4, Runs.step(5, 5, 32, 40, List.of("run-1/8"), List.of("run-1/9 incomplete")));
    }
}
