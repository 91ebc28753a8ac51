package dev.respec.scorer.answer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.scorer.JsonLines;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MathAnswerTest {
    private static final long MOST_MILLISECONDS = 100;

    static Stream<JsonNode> pairs() {
        return JsonLines.cases("math-pairs.jsonl").stream();
    }

    /** Pairs of answers with the verdict of mathematics; equality is symmetric. */
    @ParameterizedTest
    @MethodSource("pairs")
    void shouldCompareByMeaning(JsonNode pair) {
        MathAnswer one = MathAnswer.of(pair.get("one").asText());
        MathAnswer other = MathAnswer.of(pair.get("other").asText());
        boolean expected = pair.get("expected").asInt() == 1;

        assertThat(one.sameAs(other)).isEqualTo(expected);
        assertThat(other.sameAs(one)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"2,1", "-7.25,0.4", "0.003,100.5", "19.75,-3"})
    void shouldSatisfyTheIdentitiesOfTheElementaryFunctions(String x, String y) {
        String sumOfSines = "\\sin(%1$s)\\cos(%2$s)+\\cos(%1$s)\\sin(%2$s)".formatted(x, y);

        assertSame("\\sin(%s+(%s))".formatted(x, y), sumOfSines);
        assertSame("e^{%s}\\cdot e^{%s}".formatted(x, y), "e^{%s+(%s)}".formatted(x, y));
        assertSame("\\ln(e^{%s})".formatted(x), x);
        assertSame("\\tan(\\arctan(%s))".formatted(x), x);
        assertSame("\\sqrt{(%s)^2+3}\\cdot\\sqrt{(%s)^2+3}".formatted(x, x), "(%s)^2+3".formatted(x));
        assertSame("\\cosh(%1$s)^2-\\sinh(%1$s)^2".formatted("0.5"), "1");
    }

    private static void assertSame(String one, String other) {
        assertThat(MathAnswer.of(one).sameAs(MathAnswer.of(other)))
                .as(one + " = " + other)
                .isTrue();
    }

    static List<String> hostileTexts() {
        return List.of(
                "9^9^9^9",
                "9^{9^{9^{9^9}}}",
                "1e999999999",
                "1e-999999999",
                "10^{10^{10}}",
                "2^{40000}",
                "((((".repeat(200) + "1" + "))))".repeat(200),
                "{".repeat(900),
                "\\frac{".repeat(120),
                "9".repeat(990),
                "9".repeat(1_000_000),
                "9".repeat(300) + "^{999}",
                "1000!^{1000}",
                "\\binom{1000}{500}^{12}",
                "\\sin ".repeat(150) + "x",
                "\\sqrt{".repeat(60) + "2" + "}".repeat(60),
                "x^{x^{x^{x}}}",
                "\\sin(x)^{\\sin(y)}+".repeat(30) + "1",
                "\\ln(x+y)^{\\sqrt{2}}+".repeat(30) + "1",
                "\\arctan(x+\\pi)\\cdot".repeat(30) + "2",
                "(x+y)^{999}".repeat(40),
                "1,".repeat(400),
                "\\{" + "x^{\\pi},".repeat(50) + "1\\}",
                "(1+\\sqrt2)^{4000}".repeat(20),
                "x".repeat(399),
                "0.\\overline{" + "1".repeat(40) + "}^{99}",
                "|".repeat(500),
                "\\text{".repeat(150) + "}".repeat(100),
                "-".repeat(380) + "1",
                "\\pm ".repeat(300) + "1",
                "x=".repeat(180) + "1",
                "$".repeat(999),
                "\\mathbf{".repeat(100) + "x" + "}".repeat(100),
                "1:".repeat(150) + "1",
                "\\begin{pmatrix}".repeat(30),
                "\\",
                "^",
                "_{",
                "\\left.",
                "\\begin{pmatrix}&&\\\\&\\end{pmatrix}",
                "\u0000\uD83D\uFFFF");
    }

    /** Processor time of this thread, so that a busy machine does not fail the test. */
    @ParameterizedTest
    @MethodSource("hostileTexts")
    void shouldEndSoonOnHostileText(String hostile) {
        MathAnswer.of("\\sin(x)+\\ln(y)").sameAs(MathAnswer.of("\\ln(y)+\\sin(x)"));
        var threads = ManagementFactory.getThreadMXBean();
        for (String other : List.of(hostile + "+0", "1", "x+\\sqrt{2}", "\\sin(x)^{\\sqrt{2}}")) {
            long begun = threads.getCurrentThreadCpuTime();

            MathAnswer.of(hostile).sameAs(MathAnswer.of(other));

            long milliseconds = (threads.getCurrentThreadCpuTime() - begun) / 1_000_000;
            assertThat(milliseconds).as(other).isLessThan(MOST_MILLISECONDS);
        }
        assertThat(MathAnswer.of(hostile).sameAs(MathAnswer.of("2"))).isFalse();
    }

    @Test
    void shouldGiveTheSameVerdictOnEveryThread() {
        List<JsonNode> pairs = pairs().toList();

        boolean right = IntStream.range(0, 4 * pairs.size()).parallel().allMatch(i -> {
            JsonNode pair = pairs.get(i % pairs.size());
            MathAnswer one = MathAnswer.of(pair.get("one").asText());
            return one.sameAs(MathAnswer.of(pair.get("other").asText()))
                    == (pair.get("expected").asInt() == 1);
        });

        assertThat(right).isTrue();
    }
}
