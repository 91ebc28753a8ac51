package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.GroupStatus;
import dev.respec.trainer.DynamicSampling.AtLimit;
import dev.respec.trainer.StepGroups.Reason;
import dev.respec.trainer.StepGroups.Sampling;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.AdmissionBound;
import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.assembly.ScoredRecords;
import dev.respec.trainer.loss.AdvantageKind;
import dev.respec.trainer.loss.OverlongRule;
import dev.respec.trainer.update.RowRules;
import dev.respec.trainer.update.StepRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepGroupsTest {
    private static final int GROUPS = 2;
    private static final int STALENESS = 1;
    private static final RowRules ROWS =
            new RowRules(2, AdvantageKind.GROUP, new OverlongRule.Keep(), RowRules.ZeroVariance.DROP);

    private final Admission admission = new Admission(
            new AdmissionBound(GROUPS, STALENESS, 100, 3), AdmissionState.initial(), position -> "p" + position);

    @Test
    void shouldFillAStepWithGroupsWhoseRewardsDiffer() {
        // Given
        admit(0);
        var step = step(sampling(4, AtLimit.TRAIN));

        // When
        step.judge(group(0, 0, 1, 1));
        step.judge(group(1, 0, 0, 1));
        step.judge(group(2, 0, 0, 0));
        assertThat(step.full()).isFalse();
        var further = admit(0);
        step.judge(group(3, 0, 1, 0));

        // Then the two that were set aside made room for two further prompts
        var collected = step.collected();
        assertThat(step.full()).isTrue();
        assertThat(further).containsExactly(4L, 5L);
        assertThat(ids(collected.groups())).containsExactly("run/1", "run/3");
        assertThat(ids(collected.setAside())).containsExactly("run/0", "run/2");
        assertThat(ids(collected.answered())).containsExactly("run/1", "run/3", "run/0", "run/2");
        assertThat(collected.dropped()).containsExactly("run/0 equal-rewards", "run/2 equal-rewards");
        assertThat(collected.count(Reason.EQUAL_REWARDS)).isEqualTo(2);
        assertThat(collected.sampling()).isEqualTo(Sampling.WITHIN_LIMIT);
        assertThat(admission.accepted()).isEqualTo(2);
        assertThat(admission.state().setAside()).isEqualTo(2);
    }

    @Test
    void shouldTakeEveryCompleteGroupWithoutDynamicSampling() {
        admit(0);
        var step = step(DynamicSampling.OFF);

        step.judge(group(0, 0, 1, 1));
        step.judge(group(1, 0, 0, 0));

        assertThat(step.full()).isTrue();
        assertThat(step.collected().setAside()).isEmpty();
        assertThat(step.collected().dropped()).isEmpty();
        assertThat(step.collected().sampling()).isEqualTo(Sampling.OFF);
    }

    @Test
    void shouldTakeGroupsAsTheyComePastTheLimit() {
        // Given a step that may set one group aside
        admit(0);
        var step = step(sampling(1, AtLimit.TRAIN));

        // When
        step.judge(group(0, 0, 1, 1));
        assertThat(step.collected().sampling()).isEqualTo(Sampling.WITHIN_LIMIT);
        step.judge(group(1, 0, 1, 1));
        step.judge(group(2, 0, 0, 1));

        // Then it has its full count, and says so
        var collected = step.collected();
        assertThat(ids(collected.groups())).containsExactly("run/1", "run/2");
        assertThat(collected.dropped()).containsExactly("run/0 equal-rewards");
        assertThat(collected.sampling()).isEqualTo(Sampling.AT_LIMIT);
    }

    @Test
    void shouldCarryOnPastTheLimitIfToldTo() {
        admit(0);
        var step = step(sampling(1, AtLimit.CARRY_ON));

        step.judge(group(0, 0, 1, 1));
        step.judge(group(1, 0, 1, 1));
        step.judge(group(2, 0, 0, 0));

        assertThat(step.full()).isFalse();
        assertThat(step.collected().groups()).isEmpty();
        assertThat(step.collected().setAside()).hasSize(3);
        assertThat(step.collected().sampling()).isEqualTo(Sampling.AT_LIMIT);
    }

    @Test
    void shouldGiveAGroupThatIsStaleOrIncompleteThatFate() {
        // Given the trainer at version 2: groups may be of version 1
        admit(0);
        var step = new StepGroups(admission, rules(sampling(4, AtLimit.TRAIN)), 2);

        // When
        step.judge(group(0, 0, 1, 1));
        step.judge(incomplete(1));
        step.judge(group(2, 1, 1, 1));

        // Then only the one that could have been used is set aside; the others are asked again
        assertThat(step.collected().dropped())
                .containsExactly("run/0 stale", "run/1 incomplete", "run/2 equal-rewards");
        assertThat(admission.state().again()).hasSize(2);
        assertThat(admission.state().setAside()).isEqualTo(1);
    }

    @Test
    void shouldNotSetAsideAgainWhatIsSettled() {
        admit(0);
        var step = step(sampling(4, AtLimit.TRAIN));

        step.judge(group(0, 0, 1, 1));
        step.judge(group(0, 0, 1, 1));

        assertThat(step.collected().dropped()).containsExactly("run/0 equal-rewards");
        assertThat(step.collected().count(Reason.SETTLED)).isEqualTo(1);
    }

    /** A penalty on the last tokens makes rewards differ although both answers are wrong. */
    @Test
    void shouldLookAtRewardsAsTheyEnterTheAdvantages() {
        var penalty =
                new RowRules(2, AdvantageKind.GROUP, new OverlongRule.SoftPenalty(4, 4, 1), RowRules.ZeroVariance.DROP);
        var group = group(0, 0, 0, 0);
        assertThat(StepRows.teaches(group, ROWS)).isFalse();
        assertThat(StepRows.teaches(group, penalty)).isFalse();

        // one response is empty, the other has two of four tokens
        group.rollouts().get(1).getRollout().setResponseTokens(ByteBuffer.allocate(0));

        assertThat(StepRows.teaches(group, ROWS)).isFalse();
        assertThat(StepRows.teaches(group, penalty)).isTrue();
    }

    /** Whatever the rewards are, no group is judged twice and what is in flight stays within the bound. */
    @ParameterizedTest
    @EnumSource(AtLimit.class)
    void shouldKeepTheBoundAndTheLimitOverManySteps(AtLimit atLimit) {
        var random = new Random(7);
        var waiting = new ArrayList<>(admit(0));
        for (int done = 0; done < 40; done++) {
            var step = new StepGroups(admission, rules(sampling(3, atLimit)), done);
            var judged = 0;
            while (!step.full()) {
                var index = waiting.remove(random.nextInt(waiting.size()));
                step.judge(group(index, done, 1, random.nextInt(4) == 0 ? 0 : 1));
                judged++;
                waiting.addAll(admit(done));
                assertThat(admission.inFlight() + admission.accepted())
                        .isLessThanOrEqualTo((STALENESS + done + 1L) * GROUPS);
            }
            var collected = step.collected();
            assertThat(collected.groups()).hasSize(GROUPS);
            assertThat(collected.answered()).hasSize(judged);
            if (atLimit == AtLimit.TRAIN) {
                assertThat(collected.setAside()).hasSizeLessThanOrEqualTo(3);
            } else {
                assertThat(collected.groups()).allMatch(group -> StepRows.teaches(group, ROWS));
            }
            waiting.addAll(admit(done + 1));
        }
        assertThat(admission.accepted()).isEqualTo(80);
        assertThat(admission.accepted()
                        + admission.inFlight()
                        + admission.state().setAside())
                .isEqualTo(admission.state().nextPosition());
    }

    private List<Long> admit(long step) {
        var indices = new ArrayList<Long>();
        while (admission.open(step)) {
            indices.add(admission.admit(step).requestIndex());
        }
        return indices;
    }

    private StepGroups step(DynamicSampling sampling) {
        return new StepGroups(admission, rules(sampling), 0);
    }

    private static StepGroups.Rules rules(DynamicSampling sampling) {
        return new StepGroups.Rules(GROUPS, 2, STALENESS, sampling);
    }

    private static DynamicSampling sampling(int mostSetAside, AtLimit atLimit) {
        return new DynamicSampling(group -> StepRows.teaches(group, ROWS), mostSetAside, atLimit);
    }

    private static ScoredGroup group(long index, long version, double... rewards) {
        var id = "run/" + index;
        var rollouts = IntStream.range(0, rewards.length)
                .mapToObj(sample -> ScoredRecords.scored(
                        "run",
                        id,
                        ScoredRecords.rollout("run", id, sample, rewards.length, version),
                        GroupStatus.COMPLETE,
                        rewards.length,
                        rewards.length,
                        rewards[sample]))
                .toList();
        return new ScoredGroup(id, ScoredGroup.Status.COMPLETE, rollouts, 0, 0, 1, ScoredRecords.EPOCH);
    }

    private static ScoredGroup incomplete(long index) {
        var id = "run/" + index;
        return new ScoredGroup(id, ScoredGroup.Status.INCOMPLETE, List.of(), 0, 0, 1, ScoredRecords.EPOCH);
    }

    private static List<String> ids(List<ScoredGroup> groups) {
        return groups.stream().map(ScoredGroup::requestId).toList();
    }
}
