package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.scorer.Golden;
import dev.respec.scorer.JsonLines;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BoxedMathTest {
    private final BoxedMath boxedMath = new BoxedMath();

    static Stream<JsonNode> coreCases() {
        return StreamSupport.stream(Golden.json("math-answers/cases.json").spliterator(), false)
                .filter(test -> test.get("core").asBoolean());
    }

    @ParameterizedTest
    @MethodSource("coreCases")
    void shouldAgreeWithMathVerify(JsonNode test) {
        double value = score(test, "gold");

        assertThat(value).as(test.toString()).isEqualTo(test.get("expected").asBoolean() ? 1.0 : 0.0);
    }

    /** Where the reference's note says that it differs from the plain reading of the text, the plain reading holds. */
    @Test
    void shouldAgreeWithMathVerifyOnTheRest() {
        Golden.json("math-answers/cases.json").forEach(test -> {
            if (!test.get("core").asBoolean() && test.path("note").asText().isEmpty()) {
                assertThat(score(test, "gold"))
                        .as(test.toString())
                        .isEqualTo(test.get("expected").asBoolean() ? 1 : 0);
            }
        });
    }

    static Stream<JsonNode> casesOfPeople() {
        return Stream.of("math-false-positives.jsonl", "math-false-negatives.jsonl", "gsm8k-punctuation.jsonl")
                .flatMap(file -> JsonLines.cases(file).stream())
                .filter(test -> test.get("task").asText().equals("boxed-math"));
    }

    @ParameterizedTest
    @MethodSource("casesOfPeople")
    void shouldJudgeWhatPeopleWrite(JsonNode test) {
        assertThat(score(test, "answer")).isEqualTo(test.get("expected").asDouble());
    }

    static Stream<JsonNode> casesOfSympy() {
        return JsonLines.cases("math-sympy.jsonl").stream();
    }

    /** Printed by SymPy 1.14 with its own verdict on their equality. */
    @ParameterizedTest
    @MethodSource("casesOfSympy")
    void shouldAgreeWithSympy(JsonNode test) {
        assertThat(score(test, "answer")).isEqualTo(test.get("expected").asDouble());
    }

    private double score(JsonNode test, String answer) {
        return boxedMath
                .score(Inputs.of(test.get("response").asText(), test.get(answer).asText()))
                .value();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\boxed{\\sqrt{2}}|\\sqrt{2}|1",
                "\\boxed{\\sqrt{2}}|\\sqrt{3}|0",
                "\\boxed{( 1, 2 )}|(1,2)|1",
                "\\boxed{7} and then \\boxed{8}|8|1",
                "\\boxed{7} and then \\boxed{8}|7|0",
                "\\boxed{12|12|0",
                "\\boxed{7} then \\boxed{8|7|0",
                "The answer is 5 apples because 2 + 3 = 5.|5|1",
                "The answer is $18 and not $20.|18|1",
                "The answer is: \\(x = \\frac{1}{2}\\)|0.5|1",
                "**Answer:** $\\sqrt{12}$|2\\sqrt{3}|1",
                "The answer is 72!|72|1",
                "it is \\boxed{1}|worked: \\boxed{1}|1",
                "it is \\boxed{3/0}|1|0",
                "\\boxed{1e9999999}|1|0",
            })
    void shouldReadTheLastBox(String response, String answer, double expected) {
        assertThat(boxedMath.score(Inputs.of(response, answer)).value()).isEqualTo(expected);
    }

    @Test
    void shouldStayFastOnHostileText() {
        String hostile =
                "\\boxed{" + "{".repeat(20_000) + "9".repeat(100_000) + "a".repeat(100_000) + "$\\frac".repeat(9_000);

        assertThat(boxedMath.score(Inputs.of(hostile, "1")).value()).isZero();
        assertThat(boxedMath.score(Inputs.of("9,999".repeat(50_000), "1")).value())
                .isZero();
    }
}
