package dev.respec.trainer.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.assembly.ScoredRecords;
import dev.respec.trainer.loss.AdvantageKind;
import dev.respec.trainer.loss.OverlongRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepRowsTest {
    private static final RowRules RULES =
            new RowRules(2, AdvantageKind.NONE, new OverlongRule.Keep(), RowRules.ZeroVariance.DROP);

    @Test
    void shouldLeaveOutGroupsThatTeachNothing() {
        var rows = StepRows.of(List.of(group(1, 0), group(1, 1), group(0, 0)), RULES);

        assertThat(rows.zeroVarianceGroups()).isEqualTo(2);
        assertThat(rows.rows()).extracting(TrainingRow::advantage).containsExactly(0.5, -0.5);
    }

    @Test
    void shouldKeepThemWhereTheirTokensShallCount() {
        var rules = new RowRules(2, AdvantageKind.NONE, new OverlongRule.Keep(), RowRules.ZeroVariance.KEEP);

        assertThat(StepRows.of(List.of(group(1, 0), group(1, 1)), rules).rows())
                .extracting(TrainingRow::advantage)
                .containsExactly(0.5, -0.5, 0.0, 0.0);
    }

    @Test
    void shouldNotCountTokensOfTruncatedResponsesWhenMasked() {
        var group = group(1, 0);
        group.rollouts().get(0).getRollout().setFinishReason(FinishReason.LENGTH);
        var rules = new RowRules(2, AdvantageKind.NONE, new OverlongRule.Mask(), RowRules.ZeroVariance.DROP);

        assertThat(StepRows.of(List.of(group), rules).rows())
                .extracting(TrainingRow::countedTokens)
                .containsExactly(0, 2);
    }

    @Test
    void shouldShapeRewardsBeforeComparingThem() {
        // Responses have 2 tokens: at a limit of 2 with a span of 1 the penalty is whole
        var rules = new RowRules(
                2, AdvantageKind.NONE, new OverlongRule.SoftPenalty(2, 1, 0.5), RowRules.ZeroVariance.DROP);

        assertThat(StepRows.of(List.of(group(1, 0)), rules).rows().get(0).advantage())
                .isCloseTo(0.5, within(1e-12));
    }

    @Test
    void shouldNameARolloutWhoseArraysDoNotFit() {
        var group = group(1, 0);
        group.rollouts().get(1).getRollout().setLogProbabilities(PackedArrays.ofFloats(new float[3]));

        assertThatThrownBy(() -> StepRows.of(List.of(group), RULES))
                .hasMessage("rollout run/0/1: 3 log-probabilities for 2 response tokens");
    }

    private static ScoredGroup group(double... rewards) {
        var records = new ArrayList<ScoredRollout>();
        for (int sample = 0; sample < rewards.length; sample++) {
            records.add(ScoredRecords.scored(
                    "run",
                    "run/0",
                    ScoredRecords.rollout("run", "run/0", sample, rewards.length, 0),
                    GroupStatus.COMPLETE,
                    rewards.length,
                    rewards.length,
                    rewards[sample]));
        }
        return new ScoredGroup(
                "run/0", ScoredGroup.Status.COMPLETE, records, 0, 0, rewards.length - 1, ScoredRecords.EPOCH);
    }
}
