package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerVocabularyTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":4},\"merges\":[[\"a\",\"b\"]]}} | 5",
                "{\"model\":{\"vocab\":[[\"a\",-1.5],[\"b\",-2.0],[\"c\",0]]}} | 3",
                "{\"added_tokens\":[{\"id\":7,\"content\":\"<x>\"},{\"content\":\"<y>\",\"id\":9}],\"model\":{\"vocab\":{\"a\":0}}} | 10",
                "{\"added_tokens\":null,\"post_processor\":{\"id\":99,\"vocab\":{\"z\":98}},\"model\":{\"vocab\":{\"a\":2}}} | 3",
                "{\"model\":null} | 0",
                "[] | 0",
            })
    void shouldFindTheLargestId(String json, int size) throws IOException {
        assertThat(TokenizerVocabulary.size(Files.writeString(directory.resolve("tokenizer.json"), json)))
                .isEqualTo(size);
    }

    @Test
    void shouldRefuseWhatIsNotJson() throws IOException {
        Path file = Files.writeString(directory.resolve("tokenizer.json"), "{\"model\":{\"vocab\":{\"a\":0");

        assertThatThrownBy(() -> TokenizerVocabulary.size(file)).isInstanceOf(UncheckedIOException.class);
    }
}
