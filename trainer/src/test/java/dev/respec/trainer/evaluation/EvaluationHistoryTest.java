package dev.respec.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.trainer.evaluation.EvaluationHistory.Best;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationHistoryTest {
    private static final DecidingScore GREEDY = new DecidingScore("sums", EvaluationMode.GREEDY, "pass@1");

    @Test
    void shouldNameTheFirstOfTheHighestScores() {
        var history = history(0, 0.2, 0.5, 0.4, 0.5);

        assertThat(history.best()).contains(new Best(2, 12, 0.5));
    }

    @Test
    void shouldEndTheRunAfterEvaluationsThatAreNotBetter() {
        assertThat(history(2, 0.2, 0.5, 0.4).reasonToEnd()).isEmpty();
        assertThat(history(2, 0.2, 0.5, 0.4, 0.5).reasonToEnd())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("sums greedy pass@1", "0.5000", "step 2", "2 evaluations", "evaluation.patience"));
        assertThat(history(2, 0.2, 0.5, 0.4, 0.6).reasonToEnd()).isEmpty();
    }

    @Test
    void shouldNeverEndARunWithoutPatience() {
        assertThat(history(0, 0.5, 0.1, 0.1, 0.1, 0.1).reasonToEnd()).isEmpty();
    }

    @Test
    void shouldDecideTheSameWhateverOrderTheTopicHas() {
        var history = new EvaluationHistory(GREEDY, 1);
        history.add(List.of(result(4, "sums", EvaluationMode.GREEDY, 0.4)));
        history.add(List.of(result(2, "sums", EvaluationMode.GREEDY, 0.5)));

        assertThat(history.best()).map(Best::step).contains(2L);
        assertThat(history.reasonToEnd()).isPresent();
        assertThat(history.lastStep()).isEqualTo(4);
    }

    @Test
    void shouldNotBeDecidedByOtherDataSetsAndModes() {
        var history = new EvaluationHistory(GREEDY, 0);
        history.add(List.of(
                result(2, "sums", EvaluationMode.GREEDY, 0.3),
                result(2, "sums", EvaluationMode.SAMPLED, 0.9),
                result(2, "words", EvaluationMode.GREEDY, 0.8)));

        assertThat(history.best()).contains(new Best(2, 12, 0.3));
        assertThat(history.has(2)).isTrue();
        assertThat(history.has(4)).isFalse();
    }

    private static EvaluationHistory history(int patience, double... scores) {
        var history = new EvaluationHistory(GREEDY, patience);
        for (int i = 0; i < scores.length; i++) {
            history.add(List.of(result(2L * i, "sums", EvaluationMode.GREEDY, scores[i])));
        }
        return history;
    }

    private static PolicyEvaluation result(long step, String set, EvaluationMode mode, double score) {
        return PolicyEvaluation.newBuilder()
                .setRunId("run")
                .setStep(step)
                .setPolicyVersion(10 + step)
                .setDataSet(set)
                .setMode(mode)
                .setSamples(1)
                .setPrompts(10)
                .setRefusedPrompts(0)
                .setUnansweredPrompts(0)
                .setRepeatedRequests(0)
                .setMetrics(Map.of("pass@1", score))
                .setTokens(20)
                .setRequestIds(List.of())
                .setStartedAt(Instant.EPOCH)
                .setFinishedAt(Instant.EPOCH)
                .build();
    }
}
