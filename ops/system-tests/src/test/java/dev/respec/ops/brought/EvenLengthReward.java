package dev.respec.ops.brought;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.ScoringInput;

/** 1 for a response of an even number of characters: a policy with random weights gets either reward. */
public final class EvenLengthReward implements RewardFunction {
    @Override
    public String name() {
        return "even-length";
    }

    @Override
    public Reward score(ScoringInput input) {
        return Reward.verdict(input.response().length() % 2 == 0);
    }
}
