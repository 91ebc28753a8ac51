package dev.respec.stage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    @ParameterizedTest
    @CsvSource({
        "local, local, 0",
        "locla, local, 1",
        "lcal, local, 1",
        "locall, local, 1",
        "kitten, sitting, 3",
        "'', ab, 2"
    })
    void shouldCountEditsAndSwaps(String one, String other, int edits) {
        assertThat(Suggestion.distance(one, other)).isEqualTo(edits);
        assertThat(Suggestion.distance(other, one)).isEqualTo(edits);
    }

    @Test
    void shouldSuggestNothingThatIsFarAway() {
        assertThat(Suggestion.nearest("locla", List.of("local", "learner"))).contains("local");
        assertThat(Suggestion.nearest("train", List.of("eval", "bench"))).isEmpty();
        assertThat(Suggestion.nearest("x", List.of())).isEmpty();
    }

    @Test
    void shouldSuggestKeysWhereverTheyAreWritten() {
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of("trainer.lerning-rate=1")))
                .hasMessageEndingWith("did you mean 'trainer.learning-rate'?");
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of("RESPEC_WORKR_SLOTS", "1"), List.of()))
                .hasMessageEndingWith("did you mean 'RESPEC_WORKER_SLOTS'?");
    }
}
