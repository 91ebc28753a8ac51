package dev.respec.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same two questions, or one, in every dress that people's files come in. */
class DataFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.jsonl",
                "array.jsonl",
                "blank-lines.jsonl",
                "bom.jsonl",
                "bom-blank-first.jsonl",
                "bom-crlf.jsonl",
                "bom-middle.jsonl",
                "crlf.jsonl",
                "gz.jsonl.gz",
                "no-final-newline.jsonl",
                "utf16.jsonl"
            })
    void shouldReadBothQuestions(String name) {
        assertThat(read(name))
                .extracting(Prompt::text, Prompt::answer, Prompt::task)
                .containsExactly(Tuple.tuple("2+2?", "4", "boxed-math"), Tuple.tuple("3+1?", "4", "boxed-math"));
    }

    @ParameterizedTest
    @CsvSource({
        "pretty.jsonl, boxed-math, 4",
        "gsm8k.jsonl, gsm8k, '2+2 = <<2+2=4>>4\n#### 4'",
        "trl.jsonl, boxed-math, $\\boxed{4}$",
        "openrlhf.jsonl, boxed-math, 4",
        "unknown-task.jsonl, math, 4"
    })
    void shouldReadTheQuestion(String name, String task, String answer) {
        assertThat(read(name)).singleElement().satisfies(prompt -> {
            assertThat(prompt.text()).isEqualTo("2+2?");
            assertThat(prompt.task()).isEqualTo(task);
            assertThat(prompt.answer()).isEqualTo(answer);
            assertThat(prompt.metadata()).isEmpty();
        });
    }

    @Test
    void shouldReadVerl() {
        assertThat(read("verl.jsonl")).singleElement().satisfies(prompt -> {
            assertThat(prompt.text()).isEqualTo("<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n");
            assertThat(prompt.task()).isEqualTo("gsm8k");
            assertThat(prompt.answer()).isEqualTo("4");
            assertThat(prompt.metadata()).containsEntry("ability", "math").doesNotContainKey("reward_model");
        });
    }

    @Test
    void shouldJoinThePartsOfAMessage() {
        assertThat(read("parts.jsonl"))
                .singleElement()
                .satisfies(prompt -> assertThat(prompt.text())
                        .isEqualTo("<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n"));
    }

    @Test
    void shouldWriteNumbersInPlainDigits() {
        assertThat(read("numeric-answer.jsonl")).extracting(Prompt::answer).containsExactly("4", "0.5", "1000");
    }

    @Test
    void shouldKeepCharactersThatEndALineElsewhere() {
        assertThat(read("line-separator.jsonl"))
                .singleElement()
                .satisfies(prompt -> assertThat(prompt.text()).isEqualTo("2+2\u2028?\u0085x\u2029"));
        assertThat(read("nul.jsonl"))
                .singleElement()
                .satisfies(prompt -> assertThat(prompt.text()).isEqualTo("2+2\0?"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "answer-list.jsonl|:1: field 'answer' is a list: expected a text or a number",
                "duplicate-id.jsonl|:2: id 'x' is already used in line 1: ids must be unique",
                "empty.jsonl|' has no training prompts: expected one JSON object per line'",
                "only-bom.jsonl|' has no training prompts: expected one JSON object per line'",
                "ends-with-assistant.jsonl|:1: field 'messages' ends with the turn of an assistant",
                "latin1.jsonl|:1: not UTF-8 text (byte 0xE9): save the file as UTF-8",
                "lone-surrogate.jsonl|:1: field 'prompt', character 5: \\ud83d is half of a surrogate pair",
                "missing-answer.jsonl|:1: no answer: expected",
                "nan.jsonl|:1: not valid JSON (column 30: Non-standard token 'NaN' is not JSON): expected",
                "null-answer.jsonl|:1: no answer: expected",
                "tool-role.jsonl|:1: field 'messages', turn 2: expected",
            })
    void shouldRefuseInOneLine(String name, String message) {
        assertThatThrownBy(() -> read(name))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(file(name) + message)
                .message()
                .satisfies(text -> assertThat(text.lines()).hasSize(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"prompt\": \"p\"}, 5]|1|no task",
                "[~{\"prompt\": \"p\", \"answer\": 1, \"task\": \"t\"},~ 5]|3|found the number 5: expected one object",
                "[~{\"prompt\": \"p\", \"answer\": 1, \"task\": \"t\"},~{\"prompt\": ]|3|not valid JSON",
                "{~\"prompt\": \"p\",~\"answer\": 1|3|not valid JSON",
                "{\"prompt\": \"p\", \"answer\": 1e9999, \"task\": \"t\"}|1|field 'answer' is a number of more than 1000",
            })
    void shouldNameTheLineInADocument(String content, int line, String reason) throws IOException {
        Path file = Files.writeString(folder.resolve("data.json"), content.replace('~', '\n'));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(file + ":" + line + ": " + reason);
    }

    @Test
    void shouldNameWhatCannotBeReadAtAll() throws IOException {
        byte[] whole = Files.readAllBytes(file("gz.jsonl.gz"));
        Path torn = Files.write(folder.resolve("torn.gz"), Arrays.copyOf(whole, whole.length - 20));
        Path latin1 = Files.write(folder.resolve("latin1"), "{}\n{}\ncafé".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> read(torn)).hasMessageContaining("torn.gz is not a complete gzip file");
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("it is a folder");
        assertThatThrownBy(() -> read(latin1)).hasMessageContaining("latin1:3: not UTF-8 text");
    }

    @Test
    void shouldKeepAnotherFieldNamedInputAsMetadata() throws IOException {
        Path file = Files.writeString(
                folder.resolve("data.jsonl"),
                "{\"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\", \"input\": \"i\", \"label\": \"l\"}");

        assertThat(read(file).get(0).metadata()).isEqualTo(Map.of("input", "i", "label", "l"));
    }

    private static List<Prompt> read(String name) {
        return read(file(name));
    }

    private static List<Prompt> read(Path file) {
        return PromptSource.open(
                        file.toString(), Split.TRAIN, 3, LineReading.strict("", ChatFormats.CHATML_CONVERSATIONS))
                .head(9);
    }

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(DataFilesTest.class.getResource("/data-files/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
