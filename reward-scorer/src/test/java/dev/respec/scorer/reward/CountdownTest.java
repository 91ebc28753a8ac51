package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountdownTest {
    private final Countdown countdown = new Countdown();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<answer>(25 - 4) * 3</answer>|1",
                "<answer>(25 − 4) × 3 = 63</answer>|1",
                "<answer>1</answer> no: <answer>3*(25-4)</answer>|1",
                "<answer>3*(25-4)</answer> no: <answer>1</answer>|0.1",
                "<answer>25 * 3 - 4</answer>|0.1",
                "<answer>63</answer>|0.1",
                "<answer>25 - 4 + 3 * 14</answer>|0.1",
                "<answer>(25 - 4) * 3 * 1</answer>|0.1",
                "<answer>25 / (4 - 4) * 3</answer>|0.1",
                "<answer>(25 - 4 * 3</answer>|0.1",
                "<answer>System.exit(1)</answer>|0.1",
                "(25 - 4) * 3|0",
                "<answer>(25 - 4) * 3|0",
                "<answer> </answer>|0",
            })
    void shouldRewardTheRightExpression(String response, double expected) {
        var input = Inputs.of(response, "", Map.of("nums", "[3, 4, 25]", "target", "63"));

        assertThat(countdown.score(input).value()).isEqualTo(expected);
    }

    @Test
    void shouldDivideExactly() {
        // 8 / (3 - 8/3) = 24
        var input = Inputs.of("<answer>8/(3-8/3)</answer>", "24", Map.of("nums", "3 3 8 8"));

        assertThat(countdown.score(input).value()).isEqualTo(1);
    }

    @Test
    void shouldSurviveDeepBrackets() {
        var input = Inputs.of("<answer>" + "(".repeat(400) + "</answer>", "24", Map.of("nums", "1 2"));

        assertThat(countdown.score(input).value()).isEqualTo(0.1);
    }

    @Test
    void shouldSayWhichMetadataItWants() {
        assertThatThrownBy(() -> countdown.score(Inputs.of("<answer>1</answer>", "1")))
                .hasMessageContaining("nums")
                .hasMessageContaining("target");
    }
}
