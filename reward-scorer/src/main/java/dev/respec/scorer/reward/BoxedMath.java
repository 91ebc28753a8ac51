package dev.respec.scorer.reward;

import dev.respec.scorer.answer.MathAnswer;

/**
 * {@code boxed-math}: 1 if the response's final answer and the reference answer are mathematically equal, else 0.
 * Numbers, formulas, units, sets, tuples, intervals, matrices and equations are compared by value, words and whatever
 * is not understood by text.
 */
public final class BoxedMath implements RewardFunction {
    @Override
    public String name() {
        return "boxed-math";
    }

    @Override
    public Reward score(ScoringInput input) {
        return Reward.verdict(FinalAnswer.in(input.response())
                .filter(found -> MathAnswer.of(found).sameAs(MathAnswer.of(gold(input.answer()))))
                .isPresent());
    }

    private static String gold(String answer) {
        boolean worked = answer.contains("\\boxed") || answer.contains("\\fbox") || answer.contains("####");
        return worked ? FinalAnswer.in(answer).orElse(answer) : answer;
    }
}
