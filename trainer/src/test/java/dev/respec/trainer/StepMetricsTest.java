package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.assembly.ScoredRecords;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepMetricsTest {
    private static ScoredRollout scored(int sample, Map<String, Double> parts) {
        var scored = ScoredRecords.scored(
                "run", "run/0", ScoredRecords.rollout("run", "run/0", sample, 3, 0), GroupStatus.COMPLETE, 3, 3, 1);
        scored.setRewardParts(parts);
        return scored;
    }

    @Test
    void shouldGiveTheMeanOfEachPartOverTheRolloutsThatHaveIt() {
        var rollouts = List.of(
                scored(0, Map.of("task", 1.0, "judge", 0.25)),
                scored(1, Map.of("task", 0.0, "judge", 0.75)),
                scored(2, Map.of("task", 0.5)));
        var group = new ScoredGroup("run/0", ScoredGroup.Status.COMPLETE, rollouts, 0, 0, 2, Instant.EPOCH);

        var metrics = new StepMetrics().rollouts(List.of(group), 0).asMap();

        assertThat(metrics).containsEntry("reward_part.task", 0.5).containsEntry("reward_part.judge", 0.5);
        assertThat(metrics.keySet()).noneMatch(name -> name.equals("reward_part"));
    }
}
