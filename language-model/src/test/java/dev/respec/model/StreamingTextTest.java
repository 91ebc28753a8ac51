package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With the byte-level tokenizer of golden/tokenizer, where one character takes up to four tokens. */
class StreamingTextTest {
    @Test
    void shouldGiveWholeCharactersThatJoinToTheText() throws IOException {
        JsonNode expected =
                new JsonMapper().readTree(Golden.path("tokenizer/expected.json").toFile());
        List<String> texts = new ArrayList<>(
                List.of("", "plain text", "héllo wörld", "日本語のテキスト", "👩‍👩‍👧 family 😀!", "a\n\n  b"));
        expected.findValuesAsText("text").forEach(texts::add);
        try (var tokenizer = TextTokenizer.open(Golden.path("tokenizer"))) {
            int heldBack = 0;
            for (String text : texts) {
                int[] tokens = tokenizer.encode(text);
                var streaming = new StreamingText(tokenizer);
                var joined = new StringBuilder();
                for (int token : tokens) {
                    String piece = streaming.append(token);
                    assertThat(piece).doesNotContain("\uFFFD");
                    heldBack += piece.isEmpty() ? 1 : 0;
                    joined.append(piece);
                }
                joined.append(streaming.finish());
                assertThat(joined.toString()).isEqualTo(tokenizer.decode(tokens));
            }
            assertThat(heldBack).isPositive();
        }
    }

    @Test
    void shouldGiveWhatIsHeldBackAtTheEnd() {
        try (var tokenizer = TextTokenizer.open(Golden.path("tokenizer"))) {
            int[] tokens = tokenizer.encode("😀");
            var streaming = new StreamingText(tokenizer);
            assertThat(tokens.length).isGreaterThan(1);
            assertThat(streaming.append(tokens[0])).isEmpty();
            assertThat(streaming.finish()).isEqualTo(tokenizer.decode(new int[] {tokens[0]}));
        }
    }
}
