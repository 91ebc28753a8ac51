package dev.respec.trainer.update;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.loss.Advantages;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows that a step trains on.
 *
 * @param rows rows of groups that can teach something, in the groups' order
 * @param zeroVarianceGroups groups with equal rewards
 */
public record StepRows(List<TrainingRow> rows, int zeroVarianceGroups) {
    public StepRows {
        rows = List.copyOf(rows);
    }

    /**
     * Computes advantages and unpacks tokens.
     *
     * @param groups complete groups of the size the rules name
     * @throws IllegalArgumentException naming the rollout whose arrays do not fit together
     */
    public static StepRows of(List<ScoredGroup> groups, RowRules rules) {
        var scored = groups.stream().flatMap(group -> group.rollouts().stream()).toList();
        var advantages = advantages(scored, rules);
        var rows = new ArrayList<TrainingRow>();
        for (int i = 0; i < scored.size(); i++) {
            var useless = advantages.zeroVariance(i) && rules.zeroVariance() == RowRules.ZeroVariance.DROP;
            if (!useless && responseLength(scored.get(i)) > 0) {
                rows.add(row(scored.get(i).getRollout(), advantages.get(i), rules));
            }
        }
        return new StepRows(rows, advantages.zeroVarianceGroups());
    }

    /** Whether the rewards of a complete group differ, as they enter its advantages. */
    public static boolean teaches(ScoredGroup group, RowRules rules) {
        return advantages(group.rollouts(), rules).zeroVarianceGroups() == 0;
    }

    private static Advantages advantages(List<ScoredRollout> scored, RowRules rules) {
        var rewards = scored.stream()
                .mapToDouble(rollout -> rules.overlong().shape(rollout.getReward(), responseLength(rollout)))
                .toArray();
        return Advantages.of(rewards, rules.groupSize(), rules.advantage());
    }

    private static TrainingRow row(Rollout rollout, double advantage, RowRules rules) {
        var logProbabilities = PackedArrays.toFloats(rollout.getLogProbabilities());
        var truncated = rollout.getFinishReason() == FinishReason.LENGTH;
        var cancelled = rollout.getFinishReason() == FinishReason.CANCELLED;
        try {
            return new TrainingRow(
                    PackedArrays.toInts(rollout.getPromptTokens()),
                    PackedArrays.toInts(rollout.getResponseTokens()),
                    IntStream.range(0, logProbabilities.length)
                            .mapToDouble(i -> logProbabilities[i])
                            .toArray(),
                    rollout.getTemperature(),
                    advantage,
                    !cancelled && rules.overlong().counts(truncated));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("rollout " + rollout.getRolloutId() + ": " + e.getMessage(), e);
        }
    }

    private static int responseLength(ScoredRollout scored) {
        return scored.getRollout().getResponseTokens().remaining() / Integer.BYTES;
    }
}
