package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AcceptanceByConfidenceTest {
    @Test
    void shouldTakeTheConfidenceItselfBeforeAnythingWasCounted() {
        var acceptance = new AcceptanceByConfidence();
        for (double confidence : new double[] {0.2, 0.5, 0.8, 0.95, 0.99}) {
            // a bucket spans a factor of 2^(1/3) of what is missing to 1
            assertThat(acceptance.rate(confidence)).isCloseTo(confidence, within(0.13 * (1 - confidence)));
        }
    }

    @Test
    void shouldLearnWhatWasAccepted() {
        var acceptance = new AcceptanceByConfidence();
        for (int i = 0; i < 2_000; i++) {
            acceptance.observe(0.3, i % 4 != 0);
        }
        // 1,500 of 2,000; what the confidence weighs as, here and in buckets above, takes a little off
        assertThat(acceptance.rate(0.3)).isCloseTo(0.75, within(0.01));
    }

    @Test
    void shouldNeverFallAsConfidenceRises() {
        var acceptance = new AcceptanceByConfidence();
        for (int i = 0; i < 400; i++) {
            acceptance.observe(0.4, i % 10 != 0);
            acceptance.observe(0.9, i % 2 == 0);
        }
        double before = 0;
        for (double confidence = 0.01; confidence < 1; confidence += 0.01) {
            assertThat(acceptance.rate(confidence)).isGreaterThanOrEqualTo(before);
            before = acceptance.rate(confidence);
        }
        // 360 and 200 of 400 each, and the counts that the confidence weighs as in between, become one rate
        assertThat(acceptance.rate(0.9)).isCloseTo(0.7, within(0.02));
        assertThat(acceptance.rate(0.4)).isEqualTo(acceptance.rate(0.9));
    }

    @Test
    void shouldKeepAHintForANewVersion() {
        var acceptance = new AcceptanceByConfidence();
        for (int i = 0; i < 320; i++) {
            acceptance.observe(0.3, true);
        }
        acceptance.renew();
        for (int i = 0; i < 80; i++) {
            acceptance.observe(0.3, false);
        }
        // 80 of 160 remain, and 8 at about 0.3
        assertThat(acceptance.rate(0.3)).isCloseTo((80 + 8 * 0.3) / 168, within(0.01));
    }
}
