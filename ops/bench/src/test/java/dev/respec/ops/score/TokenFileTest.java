package dev.respec.ops.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenFileTest {
    private static final ModelConfig MODEL = ModelConfig.qwen2(22, 8, 16, 1, 1, 1, 4, List.of());

    @TempDir
    private Path folder;

    @Test
    void shouldReadEveryLineAndIgnoreOtherFields() throws IOException {
        List<int[]> read = read("{\"token_ids\":[0,21]}", "{\"id\":\"b\",\"token_ids\":[3]}");
        assertThat(read).containsExactly(new int[] {0, 21}, new int[] {3});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"token_ids\":[1|not JSON: {\"token_ids\":[1",
                "{\"token_ids\":[1]} {}|not JSON",
                "{\"tokens\":[1]}|expected {\"token_ids\":[…]} with at least one id, found {\"tokens\":[1]}",
                "{\"token_ids\":[]}|expected {\"token_ids\":[…]} with at least one id",
                "[1,2]|expected {\"token_ids\":[…]}",
                "{\"token_ids\":[1,2.5]}|token_ids[1]: expected an integer, found 2.5",
                "{\"token_ids\":[1,\"2\"]}|token_ids[1]: expected an integer, found \"2\"",
                "{\"token_ids\":[22]}|token_ids[0]: 22 is outside the model's vocabulary of 22",
                "{\"token_ids\":[-1]}|token_ids[0]: -1 is outside",
                "{\"token_ids\":[99999999999]}|token_ids[0]: 99999999999 is outside",
                "{\"token_ids\":[1,2,3,4,5]}|5 tokens, the model reads at most 4",
            })
    void shouldNameTheLineThatItRefuses(String line, String message) {
        assertThatThrownBy(() -> read("{\"token_ids\":[1]}", line))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("tokens.jsonl line 2: " + message.strip());
    }

    @Test
    void shouldCountFurtherLinesAndFindEmptyOnes() {
        assertThatThrownBy(() -> read("{\"token_ids\":[1]}", "", "x", "{\"token_ids\":[2]}", "y"))
                .hasMessageContaining("found an empty line")
                .hasMessageEndingWith("(and 2 more)");
    }

    @Test
    void shouldNameAFileThatIsNotThere() {
        assertThatThrownBy(() -> TokenFile.read(folder.resolve("none"), MODEL))
                .isInstanceOf(BadInputException.class)
                .hasMessageEndingWith("none: no such file");
    }

    private List<int[]> read(String... lines) throws IOException {
        Path file = Files.write(folder.resolve("tokens.jsonl"), List.of(lines));
        return TokenFile.read(file, MODEL);
    }
}
