package dev.respec.scorer.reward;

import java.util.Optional;

/**
 * {@code boxed-math}: 1 if the response's final answer and the reference answer are the same number, else 0. Numbers
 * are integers, decimals, fractions ({@code 3/4}, {@code \frac{3}{4}}, mixed), percentages, with sign, separators,
 * currency or unit; they are compared exactly. Anything else (roots, intervals, words) must be the same text.
 */
public final class BoxedMath implements RewardFunction {
    @Override
    public String name() {
        return "boxed-math";
    }

    @Override
    public Reward score(ScoringInput input) {
        return Reward.verdict(FinalAnswer.in(input.response())
                .filter(found -> same(found, gold(input.answer())))
                .isPresent());
    }

    private static String gold(String answer) {
        boolean worked = answer.contains("\\boxed{") || answer.contains("####");
        return worked ? FinalAnswer.in(answer).orElse(answer) : answer;
    }

    private static boolean same(String found, String gold) {
        Optional<NumericAnswer> number = NumericAnswer.parse(found);
        Optional<NumericAnswer> goldNumber = NumericAnswer.parse(gold);
        if (number.isPresent() && goldNumber.isPresent()) {
            return number.get().matches(goldNumber.get());
        }
        return !found.isBlank() && found.replaceAll("\\s", "").equals(gold.replaceAll("\\s", ""));
    }
}
