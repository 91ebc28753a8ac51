package dev.respec.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArithmeticTaskTest {
    private static final Pattern STEP = Pattern.compile("(\\d+)([-+*])(\\d+)=(\\d+);");

    private final ArithmeticTask task = ArithmeticTask.standard();

    @Test
    void shouldAnswerEveryUncorruptedPromptRight() {
        for (long seed = 0; seed < 2_000; seed++) {
            var example = task.example(seed, 0);

            assertThat(Integer.toString(evaluate(example.prompt()))).isEqualTo(Integer.toString(example.answer()));
            assertThat(example.correct()).isTrue();
            assertThat(example.answer()).isBetween(0, 49);
            assertStepsFollow(example, 0);
        }
    }

    @Test
    void shouldCorruptTheLastDigitOfTheWishedShareOfSteps() {
        var steps = 0L;
        var wrong = 0L;
        for (long seed = 0; seed < 4_000; seed++) {
            var example = task.example(seed, 0.05);
            assertThat(evaluate(example.prompt())).isEqualTo(example.answer());
            wrong += assertStepsFollow(example, 1);
            steps += STEP.matcher(example.response()).results().count();
        }
        // 4,000 examples have about 50,000 steps: three standard errors are 0.003
        assertThat(wrong / (double) steps).isCloseTo(0.05, within(0.004));
    }

    @Test
    void shouldHaveLongTailedResponses() {
        var lengths = LongStream.range(0, 5_000)
                .mapToInt(seed -> task.example(seed, 0).response().length() + 1)
                .sorted()
                .toArray();

        // An independent generator in Python, 3 × 20,000 prompts: mean 105, 90th percentile 219 to 224, longest 348
        assertThat(LongStream.range(0, lengths.length)
                        .map(i -> lengths[(int) i])
                        .average()
                        .orElseThrow())
                .isCloseTo(105, within(5.0));
        assertThat(lengths[lengths.length * 9 / 10]).isBetween(208, 236);
        assertThat(lengths[lengths.length - 1]).isBetween(300, 400);
    }

    @Test
    void shouldKeepTrainingAndEvaluationPromptsApart() {
        var training = LongStream.range(0, 3_000)
                .mapToObj(position -> task.example(Split.TRAIN, 1, position, 0).prompt())
                .collect(Collectors.toCollection(HashSet::new));
        var evaluation = LongStream.range(0, 3_000)
                .mapToObj(position ->
                        task.example(Split.EVALUATION, 1, position, 0).prompt())
                .collect(Collectors.toCollection(HashSet::new));

        assertThat(training).doesNotContainAnyElementsOf(evaluation);
        assertThat(training).hasSizeGreaterThan(2_900);
        assertThat(evaluation).hasSizeGreaterThan(2_900);
    }

    @Test
    void shouldBeDeterministicInSeedAndPosition() {
        var source = PromptSource.open(
                PromptSource.ARITHMETIC, Split.TRAIN, 5, LineReading.strict("", ChatFormats.CHATML_CONVERSATIONS));

        assertThat(source.at(7)).isEqualTo(source.at(7));
        assertThat(source.at(7)).isNotEqualTo(source.at(8));
        assertThat(source.at(7).id()).isEqualTo("arithmetic-train-5-7");
        assertThat(source.head(3)).containsExactly(source.at(0), source.at(1), source.at(2));
        assertThat(source.size()).isEmpty();
    }

    @Test
    void shouldWriteOnlyCharactersOfItsVocabulary() {
        for (long seed = 0; seed < 500; seed++) {
            var example = task.example(seed, 0.2);
            assertThat((example.prompt() + example.response()).chars())
                    .allMatch(character -> ArithmeticTask.CHARACTERS.indexOf(character) >= 0);
        }
    }

    /** From left to right, without precedence. */
    private static int evaluate(String prompt) {
        var chain = prompt.substring("Q:".length(), prompt.indexOf('='));
        var operations = Pattern.compile("([-+*])(\\d+)").matcher(chain);
        var value = Integer.parseInt(chain.split("[-+*]", 2)[0]);
        while (operations.find()) {
            value = apply(value, operations.group(1), Integer.parseInt(operations.group(2)));
        }
        return value;
    }

    /** Counts steps with a wrong result; they may only be one too high in the last digit. */
    private static int assertStepsFollow(ArithmeticTask.Example example, int allowed) {
        var wrong = 0;
        var written = example.prompt().substring("Q:".length()).split("[-+*]", 2)[0];
        var steps = STEP.matcher(example.response());
        while (steps.find()) {
            assertThat(steps.group(1)).isEqualTo(written);
            var right = apply(Integer.parseInt(written), steps.group(2), Integer.parseInt(steps.group(3)));
            var result = Integer.parseInt(steps.group(4));
            assertThat(result).isBetween(0, 49);
            if (result != right) {
                assertThat(result / 10).isEqualTo(right / 10);
                assertThat(result % 10).isEqualTo((right % 10 + 1) % 10);
                wrong++;
            }
            written = steps.group(4);
        }
        assertThat(example.response()).endsWith("#" + written);
        assertThat(allowed == 0 ? wrong : 0).isZero();
        return wrong;
    }

    private static int apply(int value, String sign, int operand) {
        return switch (sign) {
            case "+" -> value + operand;
            case "-" -> value - operand;
            default -> value * operand;
        };
    }
}
