package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArithmeticTest {
    private final Arithmetic arithmetic = new Arithmetic();

    @ParameterizedTest
    @CsvSource({
        "12+7=19;19*2=38;#38, 38, 1",
        "12+7=19;19*2=39;#38, 38, 1",
        "12+7=19;19*2=38;#39, 38, 0",
        "12+7=19;19*2=38;#038, 38, 0",
        "#38;#39, 38, 0",
        "12+7=19;38, 38, 0",
        "#38;, 38, 0",
        "#, 38, 0",
    })
    void shouldJudgeWhatFollowsTheLastMark(String response, String answer, double expected) {
        assertThat(arithmetic.score(Inputs.of(response, answer)).value()).isEqualTo(expected);
    }

    @Test
    void shouldGiveNothingToACutOffResponse() {
        assertThat(arithmetic.score(Inputs.cutOff("1+2=3;#3", "3")).value()).isZero();
    }
}
