package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {
    private static final String CHARACTERS = "0123456789+-*=?QA:;#\n é😀";

    @TempDir
    Path directory;

    @Test
    void shouldDecodeIdsOfAPaddedVocabularyToNothing() {
        // Given logits wider than the tokenizer, as in golden/brought's models of 259 and Qwen's of 151,936
        try (var tokenizer = TextTokenizer.open(Golden.path("tokenizer"))) {
            int first = tokenizer.vocabularySize();
            int[] known = tokenizer.encode("12");
            assertThat(tokenizer.decode(new int[] {known[0], first, first + 1000, known[1]}))
                    .isEqualTo("12");
        }
    }

    @Test
    void shouldGiveOneTokenPerCharacterAfterSpecials() {
        TextTokenizer.writeCharacterTokenizer(directory, CHARACTERS, List.of("<pad>", "<eos>"));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encode("Q:59?")).containsExactly(17, 19, 7, 11, 16);
            assertThat(tokenizer.vocabularySize()).isEqualTo(2 + 24);
        }
    }

    @Test
    void shouldDecodeWhatItEncodes() {
        TextTokenizer.writeCharacterTokenizer(directory, CHARACTERS, List.of("<pad>", "<eos>"));
        try (var tokenizer = TextTokenizer.open(directory.resolve("tokenizer.json"))) {
            var text = "Q:59+43-61*2=?A:59+43=102; \n\n é😀#82";

            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.decode(new int[0])).isEmpty();
        }
    }

    @Test
    void shouldSkipSpecialTokensWhenDecoding() {
        TextTokenizer.writeCharacterTokenizer(directory, CHARACTERS, List.of("<pad>", "<eos>"));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encode("1<eos>")).containsExactly(3, 1);
            assertThat(tokenizer.decode(new int[] {0, 3, 4, 1})).isEqualTo("12");
        }
    }

    @Test
    void shouldRefuseUnknownCharacter() {
        TextTokenizer.writeCharacterTokenizer(directory, "01", List.of("<eos>"));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThatThrownBy(() -> tokenizer.encode("012"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(directory.resolve("tokenizer.json") + ": cannot encode the text");
        }
    }

    @Test
    void shouldEncodeUnknownCharacterWhereThereIsATokenForIt() {
        TextTokenizer.writeCharacterTokenizer(directory, "01", List.of("<unk>"));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encode("0z1")).containsExactly(1, 0, 2);
        }
    }

    /** A byte-level BPE with Qwen's normaliser and pre-tokenizer; expectations by the Python package tokenizers 0.23. */
    @Test
    void shouldAgreeWithReferenceOnByteLevelTokenizer() throws IOException {
        var golden = Golden.path("tokenizer");
        try (var tokenizer = TextTokenizer.open(golden)) {
            for (var expected :
                    new JsonMapper().readTree(golden.resolve("expected.json").toFile())) {
                var tokens = tokenizer.encode(expected.get("text").asText());

                assertThat(tokens).containsExactly(new JsonMapper().convertValue(expected.get("ids"), int[].class));
                assertThat(tokenizer.decode(tokens))
                        .isEqualTo(expected.get("decoded").asText());
            }
            assertThat(tokenizer.vocabularySize()).isEqualTo(310);
        }
    }

    /** What transformers 5.18 gives for the same files: the post-processor decides, whatever add_bos_token says. */
    @Test
    void shouldBeginAPromptAsTheTokenizersPostProcessorDoes() throws IOException {
        // Given one that puts a beginning first and an end last, as Llama's and encoders' do
        Files.writeString(directory.resolve("tokenizer.json"), tokenizer("""
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "</s>", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                                "</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}\
            """));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encodePrompt("ab")).containsExactly(0, 2, 3);
            assertThat(tokenizer.encodePrompt("a<s>b")).containsExactly(0, 2, 0, 3);
            // a rendered conversation stands as it is
            assertThat(tokenizer.encodePrompt("<s>ab")).containsExactly(0, 2, 3);
            assertThat(tokenizer.encodePrompt("</s>ab")).containsExactly(1, 2, 3);
            assertThat(tokenizer.encode("ab")).containsExactly(2, 3);
        }
    }

    @Test
    void shouldBeginAPromptWithItsTextWhereThePostProcessorAddsNothing() throws IOException {
        // Given Qwen's, which only keeps offsets
        Files.writeString(
                directory.resolve("tokenizer.json"),
                tokenizer("{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false,"
                        + " \"use_regex\": false}"));
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encodePrompt("ab")).containsExactly(2, 3);
            assertThat(tokenizer.encodePrompt("<s>ab")).containsExactly(0, 2, 3);
            assertThat(tokenizer.encodePrompt("")).isEmpty();
        }
    }

    private static String tokenizer(String postProcessor) {
        return """
            {"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "pre_tokenizer": null,
             "added_tokens": [
              {"id": 0, "content": "<s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false},
              {"id": 1, "content": "</s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false}],
             "post_processor": %s, "decoder": {"type": "Fuse"},
             "model": {"type": "BPE", "vocab": {"<s>": 0, "</s>": 1, "a": 2, "b": 3}, "merges": []}}\
            """.formatted(postProcessor);
    }

    @Test
    void shouldNameMissingOrUnusableFile() throws IOException {
        assertThatThrownBy(() -> TextTokenizer.open(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(directory.resolve("tokenizer.json") + ": no such file");

        Files.writeString(directory.resolve("tokenizer.json"), "{\"model\": 1}");
        assertThatThrownBy(() -> TextTokenizer.open(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(directory.resolve("tokenizer.json") + ": not a usable tokenizer")
                .hasMessageNotContaining("\n");
    }
}
