package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.config.RewardSection.Failure;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RewardRecipeTest {
    private static final ScoringInput INPUT = new ScoringInput("q", "four", "a", FinishReason.STOP, Map.of());

    private final GuardedRewards guard = new GuardedRewards(Duration.ofSeconds(20), Clock.systemUTC());
    private final RewardFunctions functions = RewardFunctions.of(List.of(
            Functions.named("length", input -> new Reward(input.response().length(), Map.of("characters", 4.0))),
            Functions.named("half", input -> Reward.of(0.5)),
            Functions.named("broken", input -> {
                throw new IllegalStateException("no luck");
            }),
            Functions.slow("down", input -> {
                throw new RewardUnavailableException("reward.judge.url: status 503");
            })));

    @AfterEach
    void close() {
        guard.close();
    }

    private RewardOutcome outcome(String task, Map<String, Double> weights) {
        return outcome(task, weights, Failure.DEAD_LETTER);
    }

    private RewardOutcome outcome(String task, Map<String, Double> weights, Failure failure) {
        var times = new RewardTimes(new SimpleMeterRegistry(), Duration.ofDays(1), Clock.systemUTC());
        var recipe = new RewardRecipe(functions, weights);
        try (var scorer = new RewardScorer(recipe, guard, times, failure, Clock.systemUTC())) {
            return scorer.outcome(task, INPUT);
        }
    }

    @Test
    void shouldBeTheTasksOwnFunctionWhereNoPartsAreNamed() {
        assertThat(outcome("length", Map.of()).reward()).isEqualTo(new Reward(4, Map.of("characters", 4.0)));
    }

    @Test
    void shouldAddPartsWithTheirWeightsAndRecordThemWithout() {
        Reward reward = outcome("length", Map.of("task", 1.0, "half", -0.2)).reward();

        assertThat(reward.value()).isCloseTo(3.9, within(1e-12));
        assertThat(reward.parts()).isEqualTo(Map.of("task", 4.0, "task.characters", 4.0, "half", 0.5));
    }

    @Test
    void shouldCountAPartThatThrowsAsZeroWithItsReason() {
        RewardOutcome outcome = outcome("half", Map.of("task", 1.0, "broken", 1.0));

        assertThat(outcome.reward().value()).isEqualTo(0.5);
        assertThat(outcome.error()).contains("'broken' threw IllegalStateException: no luck");
        assertThat(outcome.unavailable()).isFalse();
    }

    @Test
    void shouldHaveNoRewardWhereAPartCannotBeHad() {
        RewardOutcome outcome = outcome("half", Map.of("task", 1.0, "down", 0.1));

        assertThat(outcome.unavailable()).isTrue();
        assertThat(outcome.error()).isEqualTo("reward.judge.url: status 503");
    }

    @Test
    void shouldGiveZeroInsteadWhereToldSo() {
        RewardOutcome outcome = outcome("down", Map.of(), Failure.ZERO);

        assertThat(outcome).isEqualTo(RewardOutcome.failed("reward.judge.url: status 503"));
    }

    @Test
    void shouldNotKnowATaskWithoutAFunctionWhateverThePartsAre() {
        assertThat(outcome("code", Map.of("half", 1.0)).error())
                .contains("no reward function 'code'")
                .contains("set reward.code.enabled=true");
    }

    @Test
    void shouldRefuseAPartThatDoesNotExist() {
        assertThatThrownBy(() -> new RewardRecipe(functions, Map.of("halve", 1.0)))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("reward.parts names 'halve'")
                .hasMessageContaining("expected task, or one of [broken, down, half, length]");
    }
}
