package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.scorer.Golden;
import dev.respec.scorer.JsonLines;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class Gsm8kTest {
    private static final String PLAIN_NUMBER = "-?[0-9][0-9,]*(\\.[0-9]+)?";
    private final Gsm8k gsm8k = new Gsm8k();

    static Stream<JsonNode> casesWithPlainGold() {
        return StreamSupport.stream(Golden.json("math-answers/cases.json").spliterator(), false)
                .filter(test -> test.get("gold").asText().matches(PLAIN_NUMBER))
                .filter(test -> !test.get("category").asText().equals("negative-unicode"));
    }

    /** The harness compares strings, so equal strings must be equal numbers; different strings may be too. */
    @ParameterizedTest
    @MethodSource("casesWithPlainGold")
    void shouldAgreeWithTheHarnessUpToEqualNumbers(JsonNode test) {
        Reward reward = gsm8k.score(
                Inputs.of(test.get("response").asText(), test.get("gold").asText()));

        // The harness reads the first of two marks, and none with anything but a space and a number behind it.
        boolean twice = test.get("category").asText().equals("hash-twice");
        boolean decorated = test.get("response").asText().matches("(?s).*####(?! -?\\d).*");
        if (!twice && !decorated) {
            assertThat(reward.parts().get("strict")).isEqualTo(verdict(test, "gsm8k_strict"));
        }
        assertThat(reward.parts().get("flexible")).isEqualTo(verdict(test, "gsm8k_flexible"));
    }

    private static double verdict(JsonNode test, String field) {
        String found =
                test.get(field + "_extracted").asText().replaceAll("[$,]", "").replaceAll("\\.$", "");
        boolean equal = found.matches("-?[0-9]*\\.?[0-9]+")
                && new BigDecimal(found)
                                .compareTo(
                                        new BigDecimal(test.get("gold").asText().replace(",", "")))
                        == 0;
        return test.get(field).asBoolean() || equal ? 1.0 : 0.0;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "#### 42.0|42|1",
                "#### 42|42.00|1",
                "#### 1,234|1234|1",
                "#### 1 then #### 2|2|1",
                "#### 1 then #### 2|1|0",
                "####42|42|1",
                "it is 42|42|0",
                "#### 1.2.3|1.2|0",
                "#### -0|0|1",
                "#### 7|She has 3 + 4 = 7. #### 7|1",
            })
    void shouldReadTheLastMark(String response, String answer, double expected) {
        assertThat(gsm8k.score(Inputs.of(response, answer)).value()).isEqualTo(expected);
    }

    static Stream<JsonNode> casesOfPeople() {
        return JsonLines.cases("gsm8k-punctuation.jsonl").stream()
                .filter(test -> test.get("task").asText().equals("gsm8k"));
    }

    @ParameterizedTest
    @MethodSource("casesOfPeople")
    void shouldLookPastPunctuation(JsonNode test) {
        Map<String, String> metadata =
                Map.of("match", test.path("metadata").path("match").asText("strict"));

        assertThat(gsm8k.score(Inputs.of(
                                test.get("response").asText(),
                                test.get("answer").asText(),
                                metadata))
                        .value())
                .isEqualTo(test.get("expected").asDouble());
    }

    @Test
    void shouldStayFastOnHostileText() {
        for (String piece : List.of("#### $", "$", "#", "-$,.", "9,9", "####")) {
            assertThat(gsm8k.score(Inputs.of(piece.repeat(100_000), "1")).value())
                    .isZero();
        }
    }

    @Test
    void shouldGiveTheFlexibleVerdictWhereTheDataLineAsksForIt() {
        Reward reward = gsm8k.score(Inputs.of("so it is $42.00", "42", Map.of("match", "flexible")));

        assertThat(reward.value()).isEqualTo(1);
        assertThat(reward.parts()).containsEntry("strict", 0.0).containsEntry("flexible", 1.0);
    }

    @Test
    void shouldSayWhatAnAnswerMustBe() {
        assertThatThrownBy(() -> gsm8k.score(Inputs.of("#### 1", "forty-two")))
                .hasMessageContaining("forty-two")
                .hasMessageContaining("#### number");
    }
}
