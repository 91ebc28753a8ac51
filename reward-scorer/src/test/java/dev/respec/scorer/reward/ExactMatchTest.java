package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExactMatchTest {
    @Test
    void shouldIgnoreWhiteSpaceAroundTheText() {
        var exactMatch = new ExactMatch();

        assertThat(exactMatch.score(Inputs.of(" Paris\n", "Paris")).value()).isEqualTo(1);
        assertThat(exactMatch.score(Inputs.of("Paris.", "Paris")).value()).isZero();
    }
}
