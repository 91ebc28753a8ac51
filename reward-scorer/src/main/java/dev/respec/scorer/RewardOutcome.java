package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import org.jspecify.annotations.Nullable;

/**
 * A reward, or 0 and why there is none.
 *
 * @param error one line; null where the function gave the reward
 */
public record RewardOutcome(Reward reward, @Nullable String error) {
    static RewardOutcome of(Reward reward) {
        return new RewardOutcome(reward, null);
    }

    static RewardOutcome failed(String error) {
        return new RewardOutcome(Reward.of(0), error);
    }
}
