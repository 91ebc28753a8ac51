package dev.respec.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against TRL's advantages (golden/grpo/README.md) and closed forms. */
class AdvantagesTest {
    static Stream<Arguments> goldenAdvantages() {
        return GoldenCases.BATCHES.stream()
                .flatMap(batch -> Stream.of("group", "batch", "none").map(kind -> Arguments.of(batch, kind)));
    }

    @ParameterizedTest
    @MethodSource("goldenAdvantages")
    void shouldMatchGolden(String name, String kind) {
        // Given
        var batch = GoldenCases.batch(name);
        var rewards = GoldenCases.row(batch.get("rewards"));

        // When
        var advantages = Advantages.of(
                rewards, batch.get("group_size").asInt(), AdvantageKind.valueOf(kind.toUpperCase(Locale.ROOT)));

        // Then
        var expected = GoldenCases.row(batch.get("advantages").get(kind));
        for (int i = 0; i < expected.length; i++) {
            assertThat(advantages.get(i)).isCloseTo(expected[i], within(1e-6 * Math.abs(expected[i])));
        }
    }

    @Test
    void shouldCompareWithTheOthersWhenOneIsLeftOut() {
        var advantages = Advantages.of(new double[] {1, 0, 0, 2, 2, 5}, 3, AdvantageKind.LEAVE_ONE_OUT);

        assertThat(advantages.get(0)).isCloseTo(1, within(1e-12));
        assertThat(advantages.get(1)).isCloseTo(-0.5, within(1e-12));
        assertThat(advantages.get(3)).isCloseTo(2 - 3.5, within(1e-12));
        assertThat(advantages.get(5)).isCloseTo(3, within(1e-12));
    }

    @Test
    void shouldGiveExactZerosToAGroupWithEqualRewards() {
        var advantages = Advantages.of(new double[] {0.1, 0.1, 0.1, 0, 1, 0}, 3, AdvantageKind.GROUP);

        assertThat(advantages.get(0)).isZero();
        assertThat(advantages.zeroVariance(2)).isTrue();
        assertThat(advantages.zeroVariance(3)).isFalse();
        assertThat(advantages.zeroVarianceGroups()).isEqualTo(1);
    }

    @Test
    void shouldTreatASingleRolloutAsZeroVariance() {
        var advantages = Advantages.of(new double[] {1, 0}, 1, AdvantageKind.LEAVE_ONE_OUT);

        assertThat(advantages.get(0)).isZero();
        assertThat(advantages.zeroVarianceGroups()).isEqualTo(2);
    }

    @Test
    void shouldRefuseRewardsThatDoNotFillTheirGroups() {
        assertThatThrownBy(() -> Advantages.of(new double[5], 2, AdvantageKind.GROUP))
                .hasMessage("5 rewards do not make groups of 2");
    }

    @Test
    void shouldPenaliseTheLastTokensBeforeTheLimitLinearly() {
        // DAPO eq. 13 with a limit of 100 and a span of 20
        var rule = new OverlongRule.SoftPenalty(100, 20, 1);

        assertThat(rule.shape(1, 80)).isEqualTo(1);
        assertThat(rule.shape(1, 90)).isCloseTo(0.5, within(1e-12));
        assertThat(rule.shape(1, 100)).isCloseTo(0, within(1e-12));
        assertThat(new OverlongRule.Mask().counts(true)).isFalse();
        assertThat(new OverlongRule.Keep().counts(true)).isTrue();
    }
}
