package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GroupAdvantagesTest {
    static Stream<JsonNode> batches() {
        return StreamSupport.stream(Golden.json("grpo/advantages.json").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("batches")
    void shouldMatchTrl(JsonNode batch) {
        int size = batch.get("group_size").asInt();
        JsonNode rewards = batch.get("rewards");
        for (int start = 0; start < rewards.size(); start += size) {
            double[] group = new double[size];
            for (int i = 0; i < size; i++) {
                group[i] = rewards.get(start + i).asDouble();
            }
            var advantages = GroupAdvantages.of(group);
            for (int i = 0; i < size; i++) {
                double expected =
                        batch.get("advantages").get("group").get(start + i).asDouble();
                // TRL keeps a float32 Bessel factor.
                assertThat(advantages.advantage(i)).isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    @Test
    void shouldBeExactlyZeroForEqualRewards() {
        var advantages = GroupAdvantages.of(0.1, 0.1, 0.1);

        assertThat(advantages.advantage(0)).isZero();
        assertThat(advantages.deviation()).isZero();
        assertThat(advantages.mean()).isEqualTo(0.1);
    }

    @Test
    void shouldGiveSampleDeviation() {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, 32 / 7
        var advantages = GroupAdvantages.of(2, 4, 4, 4, 5, 5, 7, 9);

        assertThat(advantages.mean()).isEqualTo(5);
        assertThat(advantages.deviation()).isCloseTo(Math.sqrt(32.0 / 7), within(1e-12));
    }

    @Test
    void shouldGiveASingleRolloutNoAdvantage() {
        assertThat(GroupAdvantages.of(3).advantage(0)).isZero();
    }

    @Test
    void shouldRefuseAnEmptyGroup() {
        assertThatThrownBy(GroupAdvantages::of).isInstanceOf(IllegalArgumentException.class);
    }
}
