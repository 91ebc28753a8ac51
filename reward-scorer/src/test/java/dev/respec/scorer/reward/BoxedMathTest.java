package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.scorer.Golden;
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
        double value = boxedMath
                .score(Inputs.of(test.get("response").asText(), test.get("gold").asText()))
                .value();

        assertThat(value).as(test.toString()).isEqualTo(test.get("expected").asBoolean() ? 1.0 : 0.0);
    }

    @Test
    void shouldAgreeWithMathVerifyOnMostOfTheRest() {
        long[] count = new long[2];
        Golden.json("math-answers/cases.json").forEach(test -> {
            if (!test.get("core").asBoolean()) {
                boolean ours = boxedMath
                                .score(Inputs.of(
                                        test.get("response").asText(),
                                        test.get("gold").asText()))
                                .value()
                        == 1.0;
                count[ours == test.get("expected").asBoolean() ? 0 : 1]++;
            }
        });
        // What is left follows the plain reading of the text: 0x18, 1e3, 7/3., #### over "the answer is", …
        assertThat(count[0]).isGreaterThan(count[1]);
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
