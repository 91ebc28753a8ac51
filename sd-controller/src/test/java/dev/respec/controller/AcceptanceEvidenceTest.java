package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;

class AcceptanceEvidenceTest {
    private static final long NOW = Machine.START.toEpochMilli();
    private final Machine machine = new Machine(0.2).accepting("eagle3", 0.7);
    private final AcceptanceEvidence evidence = new AcceptanceEvidence(10_000);

    private static double geometric(double alpha, int draftLength) {
        return (1 - Math.pow(alpha, draftLength + 1)) / (1 - alpha);
    }

    @Test
    void shouldEstimateTheAcceptanceLengthOfEveryCutOfAChain() {
        evidence.add(0, Statistics.exact(machine, Setting.chain("eagle3", 4), 8, 2_000), NOW);

        for (int length = 1; length <= 4; length++) {
            assertThat(evidence.acceptanceLength(0, length, NOW)).isCloseTo(geometric(0.7, length), within(0.02));
        }
    }

    @Test
    void shouldExtendALongerDraftByItsLastKnownPosition() {
        evidence.add(0, Statistics.exact(machine, Setting.chain("eagle3", 2), 8, 2_000), NOW);

        assertThat(evidence.acceptanceLength(0, 8, NOW)).isCloseTo(geometric(0.7, 8), within(0.05));
    }

    @Test
    void shouldLeanOnAllBatchesWhereOneIsThin() {
        var weak = new Machine(0.2).accepting("eagle3", 0.2);
        evidence.add(3, Statistics.exact(machine, Setting.chain("eagle3", 2), 8, 2_000), NOW);
        evidence.add(0, Statistics.exact(weak, Setting.chain("eagle3", 2), 1, 4), NOW);
        assertThat(evidence.acceptanceLength(0, 2, NOW)).isCloseTo(geometric(0.7, 2), within(0.15));
        assertThat(evidence.acceptanceLength(5, 2, NOW)).isCloseTo(geometric(0.7, 2), within(0.02));

        evidence.add(0, Statistics.exact(weak, Setting.chain("eagle3", 2), 1, 2_000), NOW);
        assertThat(evidence.acceptanceLength(0, 2, NOW)).isCloseTo(geometric(0.2, 2), within(0.03));
    }

    @Test
    void shouldFollowADrafterThatChanges() {
        evidence.add(0, Statistics.exact(machine, Setting.chain("eagle3", 2), 8, 2_000), NOW);
        var better = new Machine(0.2).accepting("eagle3", 0.9);
        evidence.add(0, Statistics.exact(better, Setting.chain("eagle3", 2), 8, 2_000), NOW + 60_000);

        assertThat(evidence.acceptanceLength(0, 2, NOW + 60_000)).isCloseTo(geometric(0.9, 2), within(0.02));
    }

    @Test
    void shouldBeOptimisticUntilThereIsEvidenceAndAgainWhenItHasFaded() {
        var weak = new Machine(0.2).accepting("eagle3", 0.1);
        assertThat(evidence.optimisticAcceptanceLength(4, NOW))
                .isCloseTo(AcceptanceEvidence.optimisticAcceptanceLengthWithoutEvidence(4), within(1e-9));

        evidence.add(0, Statistics.exact(weak, Setting.chain("eagle3", 4), 8, 2_000), NOW);
        assertThat(evidence.optimisticAcceptanceLength(4, NOW)).isLessThan(1.2);
        assertThat(evidence.optimisticAcceptanceLength(4, NOW + 120_000)).isGreaterThan(3.5);
    }
}
