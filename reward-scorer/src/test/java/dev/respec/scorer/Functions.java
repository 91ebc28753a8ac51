package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.ScoringInput;
import java.util.function.Function;

/** Reward functions made of a lambda. */
final class Functions {
    private Functions() {}

    static RewardFunction named(String name, Function<ScoringInput, Reward> score) {
        return new RewardFunction() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Reward score(ScoringInput input) {
                return score.apply(input);
            }
        };
    }
}
