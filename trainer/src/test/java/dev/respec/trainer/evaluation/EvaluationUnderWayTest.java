package dev.respec.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrustedEvents;
import dev.respec.trainer.assembly.ScoredRecords;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationUnderWayTest {
    static {
        TrustedEvents.trust();
    }

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final long STEP = 4;
    private static final long VERSION = 3;

    private final EvaluationUnderWay evaluation = of(Evaluated.plan(2, 2, 4, 0));

    private static EvaluationUnderWay of(EvaluationPlan plan) {
        return new EvaluationUnderWay(plan, Evaluated.RUN, STEP, VERSION, NOW);
    }

    @Test
    void shouldAskEveryPromptOnceInEachMode() {
        assertThat(evaluation.takeQuestions(NOW))
                .containsExactly(
                        id(EvaluationMode.GREEDY, 0, 0),
                        id(EvaluationMode.SAMPLED, 0, 0),
                        id(EvaluationMode.GREEDY, 1, 0),
                        id(EvaluationMode.SAMPLED, 1, 0));
        assertThat(evaluation.takeQuestions(NOW)).isEmpty();
        assertThat(evaluation.complete()).isFalse();
    }

    @Test
    void shouldReportEachModeWithTheUnbiasedEstimate() {
        evaluation.takeQuestions(NOW);
        answer(id(EvaluationMode.GREEDY, 0, 0), VERSION, 1);
        answer(id(EvaluationMode.GREEDY, 1, 0), VERSION, 0);
        answer(id(EvaluationMode.SAMPLED, 0, 0), VERSION, 0, 1, 0, 0);
        answer(id(EvaluationMode.SAMPLED, 1, 0), VERSION, 0, 0, 0, 0);

        assertThat(evaluation.complete()).isTrue();
        var greedy = result(EvaluationMode.GREEDY);
        assertThat(greedy.getMetrics()).containsEntry("pass@1", 0.5);
        assertThat(greedy.getDecidingMetric()).isEqualTo("pass@1");
        assertThat(greedy.getPolicyVersion()).isEqualTo(VERSION);
        assertThat(greedy.getRequestIds()).hasSize(2);
        var sampled = result(EvaluationMode.SAMPLED);
        assertThat(sampled.getDecidingMetric()).isNull();
        assertThat(sampled.getSamples()).isEqualTo(4);
        // one of four: 1 - C(3, k) / C(4, k) = k / 4, and 0 for the other prompt
        assertThat(sampled.getMetrics().get("pass@1")).isCloseTo(0.125, within(1e-12));
        assertThat(sampled.getMetrics().get("pass@2")).isCloseTo(0.25, within(1e-12));
        assertThat(sampled.getMetrics().get("pass@4")).isCloseTo(0.5, within(1e-12));
        // eight responses of two tokens
        assertThat(sampled.getTokens()).isEqualTo(16);
    }

    @Test
    void shouldAskAgainWhatAnotherVersionHadAPartIn() {
        evaluation.takeQuestions(NOW);
        var mixed = Evaluated.answers(id(EvaluationMode.GREEDY, 0, 0), VERSION, 1);
        mixed.get(0).getRollout().setPolicySpans(List.of(new PolicySpan(2L, 0, 1), new PolicySpan(VERSION, 1, 1)));
        mixed.forEach(evaluation::offer);
        answer(id(EvaluationMode.GREEDY, 1, 0), VERSION + 1, 1);

        assertThat(evaluation.takeQuestions(NOW))
                .containsExactly(id(EvaluationMode.GREEDY, 0, 1), id(EvaluationMode.GREEDY, 1, 1));

        // a late answer to the first attempt does not count any more
        answer(id(EvaluationMode.GREEDY, 0, 0), VERSION, 1);
        assertThat(evaluation.awaited())
                .contains(id(EvaluationMode.GREEDY, 0, 1).text());
        answer(id(EvaluationMode.GREEDY, 0, 1), VERSION, 0);
        assertThat(evaluation.awaited())
                .doesNotContain(id(EvaluationMode.GREEDY, 0, 1).text());
    }

    @Test
    void shouldGiveUpAPromptAfterTheLastAttempt() {
        var single = of(Evaluated.plan(2, 1, 0, 0));
        for (int attempt = 0; attempt < Evaluated.ATTEMPTS; attempt++) {
            assertThat(single.takeQuestions(NOW)).containsExactly(id(EvaluationMode.GREEDY, 0, attempt));
            ScoredRecords.incomplete(
                            Evaluated.RUN, id(EvaluationMode.GREEDY, 0, attempt).text(), 1, 0)
                    .forEach(single::offer);
        }

        assertThat(single.complete()).isTrue();
        var result = single.results(NOW).get(0);
        assertThat(result.getPrompts()).isZero();
        assertThat(result.getUnansweredPrompts()).isEqualTo(1);
        assertThat(result.getRepeatedRequests()).isEqualTo(Evaluated.ATTEMPTS - 1);
        assertThat(result.getMetrics()).isEmpty();
    }

    @Test
    void shouldLeaveOutWhatIsRefusedAndAskAgainWhatIsOverdue() {
        evaluation.takeQuestions(NOW);
        evaluation.refuse(id(EvaluationMode.GREEDY, 0, 0).text());
        evaluation.refuse(id(EvaluationMode.SAMPLED, 0, 0).text());
        answer(id(EvaluationMode.GREEDY, 1, 0), VERSION, 1);

        evaluation.giveUpOverdue(NOW.plusSeconds(60));
        assertThat(evaluation.takeQuestions(NOW)).isEmpty();
        evaluation.giveUpOverdue(NOW.plusSeconds(61));
        assertThat(evaluation.takeQuestions(NOW)).containsExactly(id(EvaluationMode.SAMPLED, 1, 1));

        answer(id(EvaluationMode.SAMPLED, 1, 1), VERSION, 1, 1, 1, 1);
        assertThat(evaluation.complete()).isTrue();
        assertThat(result(EvaluationMode.GREEDY).getRefusedPrompts()).isEqualTo(1);
        assertThat(result(EvaluationMode.GREEDY).getMetrics()).containsEntry("pass@1", 1.0);
    }

    @Test
    void shouldGoOnWithWhatAnEarlierLifeAsked() {
        // Given all were asked, and one of them again
        List.of(
                        id(EvaluationMode.GREEDY, 0, 0),
                        id(EvaluationMode.GREEDY, 0, 1),
                        id(EvaluationMode.SAMPLED, 0, 0),
                        id(EvaluationMode.GREEDY, 1, 0))
                .forEach(id -> evaluation.found(id, NOW));
        evaluation.found(Evaluated.id(STEP - 2, EvaluationMode.SAMPLED, 1, 0), NOW);

        assertThat(evaluation.takeQuestions(NOW)).containsExactly(id(EvaluationMode.SAMPLED, 1, 0));

        // Then the answers of its life are read again, and only those to the last attempt count
        answer(id(EvaluationMode.GREEDY, 0, 0), VERSION - 1, 1);
        answer(id(EvaluationMode.GREEDY, 0, 1), VERSION, 1);
        answer(id(EvaluationMode.SAMPLED, 0, 0), VERSION, 1, 1, 1, 1);
        answer(id(EvaluationMode.GREEDY, 1, 0), VERSION, 1);
        answer(id(EvaluationMode.SAMPLED, 1, 0), VERSION, 1, 1, 1, 1);
        assertThat(evaluation.complete()).isTrue();
        assertThat(result(EvaluationMode.GREEDY).getRequestIds())
                .containsExactly(
                        id(EvaluationMode.GREEDY, 0, 1).text(),
                        id(EvaluationMode.GREEDY, 1, 0).text());
    }

    @Test
    void shouldPassOverRecordsOfTraining() {
        evaluation.takeQuestions(NOW);
        ScoredRecords.complete(Evaluated.RUN, "run/0", 4).forEach(evaluation::offer);

        assertThat(evaluation.awaited()).hasSize(4);
        assertThat(evaluation.results(NOW))
                .allSatisfy(result -> assertThat(result.getMetrics()).isEqualTo(Map.of()));
    }

    private PolicyEvaluation result(EvaluationMode mode) {
        return evaluation.results(NOW).stream()
                .filter(result -> result.getMode() == mode)
                .findFirst()
                .orElseThrow();
    }

    private void answer(EvaluationRequestId id, long version, double... rewards) {
        for (ScoredRollout record : Evaluated.answers(id, version, rewards)) {
            evaluation.offer(record);
        }
    }

    private static EvaluationRequestId id(EvaluationMode mode, int prompt, int attempt) {
        return Evaluated.id(STEP, mode, prompt, attempt);
    }
}
