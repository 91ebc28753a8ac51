package dev.respec.scorer.reward;

import dev.respec.schemas.FinishReason;

/**
 * {@code arithmetic}: 1 if the policy ended the response itself and what follows its last {@code #} is exactly the
 * answer, else 0. The steps written before it are not judged.
 */
public final class Arithmetic implements RewardFunction {
    @Override
    public String name() {
        return "arithmetic";
    }

    @Override
    public Reward score(ScoringInput input) {
        int mark = input.response().lastIndexOf('#');
        boolean finished = input.finishReason() == FinishReason.STOP;
        return Reward.verdict(
                finished && mark >= 0 && input.response().substring(mark + 1).equals(input.answer()));
    }
}
