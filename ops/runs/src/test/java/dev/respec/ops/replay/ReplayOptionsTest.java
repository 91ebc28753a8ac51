package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayOptionsTest {
    @Test
    void shouldReadSpans() {
        assertThat(NumberSpan.parse("3")).isEqualTo(new NumberSpan(3, 3));
        assertThat(NumberSpan.parse("3..7")).isEqualTo(new NumberSpan(3, 7));
        assertThat(NumberSpan.parse("3..")).isEqualTo(new NumberSpan(3, Long.MAX_VALUE));
        assertThat(NumberSpan.parse("..7")).isEqualTo(new NumberSpan(0, 7));
        for (String wrong : List.of("", "..", "a", "-1", "7..3", "1...2", "99999999999999999999")) {
            assertThatThrownBy(() -> NumberSpan.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new NumberSpan(3, 7).meets(new NumberSpan(7, 9))).isTrue();
        assertThat(new NumberSpan(3, 7).meets(new NumberSpan(8, 9))).isFalse();
    }

    @Test
    void shouldPaceByTheRecordedTimes() {
        Instant first = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(ReplaySpeed.parse("10x").dueAfter(first, first.plusSeconds(50)))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(ReplaySpeed.parse("0.5x").dueAfter(first, first.plusSeconds(1)))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(ReplaySpeed.parse("max").dueAfter(first, first.plusSeconds(50)))
                .isZero();
        assertThat(ReplaySpeed.parse("1x").dueAfter(first, first.minusSeconds(5)))
                .isZero();
        for (String wrong : List.of("", "fast", "0x", "-1x", "10")) {
            assertThatThrownBy(() -> ReplaySpeed.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldDecodeTokensToTextAndPieces(@TempDir Path folder) {
        TextTokenizer.writeCharacterTokenizer(folder, "ab1", List.of("<pad>", "<eos>"));
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            TokenText text = new TokenText(tokenizer);
            assertThat(text.text(new int[] {2, 3, 4, 1})).isEqualTo("ab1");
            assertThat(text.pieces(new int[] {2, 3, 4, 1})).containsExactly("a", "b", "1", "");
        }
    }

    @Test
    void shouldShowProgressAsLinesWhereThereIsNoTerminal() {
        // Given
        long[] now = {0};
        var shown = new ByteArrayOutputStream();
        var progress = new TransferProgress(
                new Console(new PrintStream(shown, true, StandardCharsets.UTF_8), false), () -> now[0]);

        // When
        progress.at(1, 100);
        now[0] = Duration.ofSeconds(20).toNanos();
        progress.at(50, 100);
        progress.end();

        // Then
        assertThat(shown.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains("50 %", "record 50 of 100", "20 s left");
    }
}
