package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.learner.PublicationGate.Verdict;
import org.junit.jupiter.api.Test;

class PublicationGateTest {
    private final PublicationGate gate = new PublicationGate(0, 0);

    @Test
    void shouldPublishWhatLosesNothing() {
        assertThat(gate.judge(2.5, 2.5)).isEqualTo(Verdict.PUBLISH);
        assertThat(gate.judge(2.6, 2.5)).isEqualTo(Verdict.PUBLISH);
        assertThat(gate.rejected()).isZero();
    }

    @Test
    void shouldRefuseWhatLosesAcceptanceAndWhatWasNotMeasured() {
        assertThat(gate.judge(2.49, 2.5)).isEqualTo(Verdict.KEEP_TRAINING);
        assertThat(gate.judge(Double.NaN, 2.5)).isEqualTo(Verdict.KEEP_TRAINING);
        assertThat(gate.rejected()).isEqualTo(2);
    }

    @Test
    void shouldStartOverAfterRefusalsInARow() {
        for (int i = 0; i < 3; i++) {
            assertThat(gate.judge(1, 2)).isEqualTo(Verdict.KEEP_TRAINING);
        }
        assertThat(gate.judge(1, 2)).isEqualTo(Verdict.START_OVER);
        assertThat(gate.judge(1, 2)).isEqualTo(Verdict.KEEP_TRAINING);
        assertThat(gate.rejected()).isEqualTo(5);
    }

    @Test
    void shouldForgiveRefusalsAfterAPublication() {
        for (int i = 0; i < 3; i++) {
            gate.judge(1, 2);
        }
        gate.judge(2, 2);
        assertThat(gate.judge(1, 2)).isEqualTo(Verdict.KEEP_TRAINING);
    }
}
