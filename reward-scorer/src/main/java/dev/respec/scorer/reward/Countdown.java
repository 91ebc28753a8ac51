package dev.respec.scorer.reward;

import dev.respec.scorer.answer.Rational;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code countdown}: reach {@code target} from {@code nums} with + − × ÷ and brackets, every number used once. Reads the
 * last {@code <answer>…</answer>}: 1 if right, 0.1 if it is there but malformed or wrong, 0 without one. The expression
 * is parsed and computed in exact fractions, never evaluated as code.
 *
 * <p>{@code nums} (as {@code [3, 7, 25]} or {@code 3 7 25}) and {@code target} come from the data line's metadata;
 * without a target there, the answer is the target.
 */
public final class Countdown implements RewardFunction {
    private static final Pattern ANSWER = Pattern.compile("<answer>(.*?)</answer>", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");
    private static final double FORMAT_REWARD = 0.1;

    @Override
    public String name() {
        return "countdown";
    }

    @Override
    public Reward score(ScoringInput input) {
        List<Long> numbers = numbers(input.metadata().getOrDefault("nums", ""));
        List<Long> target = numbers(input.metadata().getOrDefault("target", input.answer()));
        if (numbers.isEmpty() || target.size() != 1) {
            throw new IllegalArgumentException(
                    "countdown wants the metadata fields nums, as [3, 7, 25], and target, as 21; got '%s' and '%s'"
                            .formatted(
                                    Text.shorten(input.metadata().getOrDefault("nums", "")),
                                    Text.shorten(input.metadata().getOrDefault("target", input.answer()))));
        }
        Optional<String> expression = lastAnswer(input.response());
        if (expression.isEmpty()) {
            return Reward.of(0);
        }
        boolean right = ArithmeticExpression.parse(expression.get())
                .filter(parsed ->
                        parsed.operands().equals(numbers.stream().sorted().toList()))
                .filter(parsed -> parsed.value().equals(Rational.of(target.get(0))))
                .isPresent();
        return Reward.of(right ? 1.0 : FORMAT_REWARD);
    }

    private static List<Long> numbers(String text) {
        var numbers = new ArrayList<Long>();
        for (Matcher matcher = NUMBER.matcher(text); matcher.find(); ) {
            numbers.add(Long.valueOf(matcher.group()));
        }
        return List.copyOf(numbers);
    }

    private static Optional<String> lastAnswer(String response) {
        String last = null;
        for (Matcher matcher = ANSWER.matcher(response); matcher.find(); ) {
            last = matcher.group(1);
        }
        return Optional.ofNullable(last).filter(text -> !text.isBlank());
    }
}
