package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.Rollout;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewardScorerTest {
    @Test
    void shouldShowAFunctionTheFieldsOfTheDataLineOnly() {
        Rollout rollout = Rollouts.aRollout().withTask("level").build();
        rollout.setMetadata(Map.of("level", "5", "respec.position", "17", "respec.attempt", "0"));
        var functions = RewardFunctions.of(List.of(Functions.named(
                "level", input -> Reward.of(input.metadata().equals(Map.of("level", "5")) ? 1 : 0))));

        try (var guard = new GuardedRewards(Duration.ofSeconds(10), Clock.systemUTC());
                var scorer = new RewardScorer(functions, guard, Clock.systemUTC())) {
            var scored = scorer.score(rollout);

            assertThat(scored.getReward()).isEqualTo(1);
            assertThat(scored.getRollout().getMetadata()).as("as it was").hasSize(3);
        }
    }
}
