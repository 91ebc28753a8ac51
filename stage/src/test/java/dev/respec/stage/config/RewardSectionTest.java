package dev.respec.stage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardSectionTest {
    private static RewardSection section(String... settings) {
        return RespecConfig.load(null, Map.of(), List.of(settings)).reward();
    }

    @Test
    void shouldReadPartsFromAMapAndFromKeys() {
        assertThat(section("reward.parts={task: 1, judge: 0.2}").weights())
                .isEqualTo(Map.of("task", 1.0, "judge", 0.2));
        assertThat(section("reward.parts.judge=-0.5").weights()).isEqualTo(Map.of("judge", -0.5));
        assertThat(section().weights()).isEmpty();
    }

    @Test
    void shouldAskForNothingByDefault() {
        RewardSection reward = section();

        assertThat(reward.code().enabled()).isFalse();
        assertThat(reward.code().isolation()).isEqualTo(RewardSection.Code.Isolation.NAMESPACES);
        assertThat(reward.trusted()).isFalse();
        assertThat(reward.failure()).isEqualTo(RewardSection.Failure.DEAD_LETTER);
        assertThat(reward.http().url()).isEmpty();
        assertThat(reward.judge().url()).isEmpty();
        assertThat(reward.judge().rubric()).contains("{response}", "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reward.parts={judge: much}          | reward.parts | a number as the weight of judge
            reward.code.languages=[cobol]       | reward.code.languages | a list of python, java
            reward.code.isolation=none          | reward.code.isolation | one of namespaces, limits-only
            reward.code.parallel=0              | reward.code.parallel | a number of at least 1
            reward.http.url=localhost:8080      | reward.http.url | an http:// or https:// address
            reward.judge.url=http://host/v1     | reward.judge.model | the name of the judge's model
            reward.judge.rubric=How good?       | reward.judge.rubric | {response}
            reward.judge.verdict=[0-9]+         | reward.judge.verdict | a group around the score
            reward.judge.highest=0              | reward.judge.highest | a number above lowest
            """)
    void shouldRefuseByName(String setting, String key, String expected) {
        assertThatThrownBy(() -> section(setting))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(expected);
    }
}
