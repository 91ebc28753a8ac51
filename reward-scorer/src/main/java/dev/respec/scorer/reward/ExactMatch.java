package dev.respec.scorer.reward;

/** {@code exact-match}: 1 if response and answer are the same text, white space around them aside. */
public final class ExactMatch implements RewardFunction {
    @Override
    public String name() {
        return "exact-match";
    }

    @Override
    public Reward score(ScoringInput input) {
        return Reward.verdict(input.response().strip().equals(input.answer().strip()));
    }
}
