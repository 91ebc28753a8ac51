package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import org.jspecify.annotations.Nullable;

/**
 * A reward, or 0 and why there is none.
 *
 * @param error one line; null if the function gave the reward
 * @param unavailable whether the error says nothing about the response: a judge that does not answer, a process that died
 */
public record RewardOutcome(Reward reward, @Nullable String error, boolean unavailable) {
    static RewardOutcome of(Reward reward) {
        return new RewardOutcome(reward, null, false);
    }

    static RewardOutcome failed(String error) {
        return new RewardOutcome(Reward.of(0), error, false);
    }

    static RewardOutcome unavailable(String error) {
        return new RewardOutcome(Reward.of(0), error, true);
    }
}
