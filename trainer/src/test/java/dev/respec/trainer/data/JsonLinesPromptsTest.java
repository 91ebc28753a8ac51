package dev.respec.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DataSection;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesPromptsTest {
    @TempDir
    Path folder;

    @Test
    void shouldReadItsOwnFormat() throws IOException {
        var prompts = read("""
                {"id": "a", "prompt": "1+1=", "answer": 2, "task": "exact-match", "metadata": {"level": 3}}

                {"id": 7, "prompt": "use", "target": 21, "nums": [3, 7], "task": "countdown"}
                """);

        assertThat(prompts.head(9))
                .containsExactly(
                        new Prompt("a", "1+1=", "exact-match", "2", Map.of("level", "3")),
                        new Prompt("7", "use", "countdown", "21", Map.of("target", "21", "nums", "[3,7]")));
    }

    @Test
    void shouldReadGsm8kAsItIs() throws IOException {
        var prompts = read("""
                {"question": "How many?", "answer": "Twice 3 is 6.\\n#### 6"}
                """);

        assertThat(prompts.at(0))
                .isEqualTo(new Prompt("data.jsonl:1", "How many?", "gsm8k", "Twice 3 is 6.\n#### 6", Map.of()));
    }

    /** Lines as the data sets have them, one of each. */
    @Test
    void shouldReadDataSetsOfProgrammingProblemsAsTheyAre() throws IOException {
        var file = write("""
                {"task_id": 2, "text": "Write a function f.", "code": "def f(): pass", "test_list": ["assert f(1)"], "test_setup_code": ""}
                {"task_id": "HumanEval/0", "prompt": "def f(x):\\n", "canonical_solution": "  return x", "test": "def check(c):\\n  assert c(1)", "entry_point": "f"}
                {"question": "Add.", "solutions": "[]", "input_output": "{}", "starter_code": ""}
                {"description": "Add.", "solutions": {"solution": ["x"]}, "public_tests": {"input": ["1"], "output": ["1"]}}
                """);
        var wording = new PromptWording(DataSection.Chat.OFF, "", "", ChatFormats.CHATML);
        var prompts = PromptSource.open(file.toString(), Split.TRAIN, 0, LineReading.strict("", wording));

        assertThat(prompts.head(9)).extracting(Prompt::task).containsOnly("code");
        assertThat(prompts.head(9)).extracting(Prompt::answer).containsOnly("");
        String answer = "\n\nAnswer with the whole program in one fenced block that begins with ```python.";
        assertThat(prompts.head(9))
                .extracting(Prompt::text)
                .containsExactly(
                        "Write a function f.\nThe program must pass these tests:\nassert f(1)\n" + answer,
                        "def f(x):\n" + answer,
                        "Add." + answer,
                        "Add." + answer);
        assertThat(prompts.head(9))
                .extracting(Prompt::metadata)
                .containsExactly(
                        Map.of("task_id", "2", "test_list", "[\"assert f(1)\"]", "test_setup_code", ""),
                        Map.of("task_id", "HumanEval/0", "test", "def check(c):\n  assert c(1)", "entry_point", "f"),
                        Map.of("input_output", "{}"),
                        Map.of("public_tests", "{\"input\":[\"1\"],\"output\":[\"1\"]}"));
    }

    @Test
    void shouldNeedNoAnswerWhereALineHasTests() throws IOException {
        var prompts = read("""
                {"prompt": "Add.", "task": "code", "tests": [{"input": "1", "output": "2"}]}
                """);

        assertThat(prompts.at(0))
                .isEqualTo(new Prompt(
                        "data.jsonl:1", "Add.", "code", "", Map.of("tests", "[{\"input\":\"1\",\"output\":\"2\"}]")));
    }

    @Test
    void shouldReadTrlAsItIs() throws IOException {
        var prompts = read("""
                {"prompt": [{"role": "user", "content": "Solve"}], "solution": "\\\\boxed{4}"}
                """);

        assertThat(prompts.at(0).task()).isEqualTo("boxed-math");
        assertThat(prompts.at(0).answer()).isEqualTo("\\boxed{4}");
        assertThat(prompts.at(0).text()).isEqualTo("<|im_start|>user\nSolve<|im_end|>\n<|im_start|>assistant\n");
    }

    @Test
    void shouldRenderConversationsThroughTheChatTemplateOfTheModel() throws IOException {
        // Given the templates of two models, the second with a default system turn and an opened thought
        var file = write("{\"messages\": [{\"role\": \"user\", \"content\": \"0+2?\"}], \"answer\": \"2\"}");
        var headers = model("llama", """
                {% for m in messages %}<|im_start|>{{ m.role }}
                {{ m.content }}<|im_end|>
                {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                {% endif %}""");
        var system = model("qwen2", """
                {% if messages[0].role != "system" %}<|im_start|>system
                You are a tiny model.<|im_end|>
                {% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
                {{ m.content }}<|im_end|>
                {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                <think>
                {% endif %}""");

        assertThat(text(file, headers)).isEqualTo("<|im_start|>user\n0+2?<|im_end|>\n<|im_start|>assistant\n");
        assertThat(text(file, system))
                .isEqualTo("<|im_start|>system\nYou are a tiny model.<|im_end|>\n"
                        + "<|im_start|>user\n0+2?<|im_end|>\n<|im_start|>assistant\n<think>\n");
    }

    @Test
    void shouldRefuseConversationsForAModelWithoutAUsableTemplate() throws IOException {
        var file = write("{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"answer\": \"x\"}");
        var plain = Files.writeString(
                folder.resolve("plain.jsonl"), "{\"prompt\": \"Hi\", \"answer\": \"x\", \"task\": \"t\"}");
        var none = Files.createDirectory(folder.resolve("none"));
        var broken = model("broken", "{{ messages\n");
        var strict = model("strict", "{{ raise_exception('No user turns.') }}");

        assertThatThrownBy(() -> text(file, none))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the data are to be rendered as conversations")
                .hasMessageContaining(none + " has no chat template: put its chat_template.jinja into that folder");
        assertThatThrownBy(() -> text(file, broken))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("chat_template.jinja, line 1: a tag is not closed by }}");
        assertThatThrownBy(() -> text(file, strict))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("data.jsonl")
                .hasMessageContaining("the template refuses: No user turns.");
        // texts need no template
        assertThat(text(plain, none)).isEqualTo("Hi");
    }

    private Path model(String name, String template) throws IOException {
        var model = Files.createDirectory(folder.resolve(name));
        Files.writeString(model.resolve("chat_template.jinja"), template);
        return model;
    }

    private static String text(Path file, Path model) {
        var data = RespecConfig.defaults()
                .withOverrides(List.of("data.task=exact-match"))
                .data();
        return PromptSource.open(file.toString(), Split.TRAIN, 0, LineReading.strict(data, model))
                .at(0)
                .text();
    }

    @Test
    void shouldLeaveOutTheOtherSplit() throws IOException {
        var file = write("""
                {"id": "a", "prompt": "p", "answer": "1", "task": "t", "split": "train"}
                {"id": "b", "prompt": "p", "answer": "1", "task": "t", "split": "test"}
                {"id": "c", "prompt": "p", "answer": "1", "task": "t"}
                """);
        var reading = LineReading.strict("", ChatFormats.CHATML_CONVERSATIONS);

        assertThat(PromptSource.open(file.toString(), Split.TRAIN, 0, reading).head(9))
                .extracting(Prompt::id)
                .containsExactly("a", "c");
        assertThat(PromptSource.open(file.toString(), Split.EVALUATION, 0, reading)
                        .head(9))
                .extracting(Prompt::id)
                .containsExactly("b", "c");
    }

    @Test
    void shouldGoThroughEveryPromptOnceAnEpochInAnOrderOfItsOwn() throws IOException {
        var lines = IntStream.range(0, 50)
                .mapToObj(i -> "{\"id\": \"%d\", \"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\"}".formatted(i))
                .toList();
        var prompts = read(String.join("\n", lines));

        var first = ids(prompts, 0);
        var second = ids(prompts, 50);

        assertThat(first).doesNotHaveDuplicates().hasSize(50).isNotEqualTo(second);
        assertThat(second).containsExactlyInAnyOrderElementsOf(first);
        assertThat(ids(prompts, 0)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prompt\": \"p\"            | not valid JSON (column",
                "[1]                           | found a list: expected one object per line",
                "{\"answer\": \"1\"}           | no prompt: expected {\"prompt\" or \"messages\"",
                "{\"prompt\": \"p\", \"task\": \"t\"} | no answer: expected",
                "{\"prompt\": \"p\", \"answer\": \"1\"} | no task: name the reward function in the field 'task'",
                "{\"prompt\": 5, \"answer\": \"1\"} | field 'prompt' is the number 5: expected",
                "{\"prompt\": \"\", \"answer\": \"1\"} | field 'prompt' is empty",
                "{\"messages\": [{\"role\": \"user\"}], \"answer\": \"1\"} | field 'messages', turn 1: expected",
                "{\"prompt\": \"p\", \"answer\": [1], \"task\": \"t\"} | field 'answer' is a list: expected a text or a number",
                "{\"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\", \"split\": \"tes\"} | field 'split' is 'tes': expected",
                "{\"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\", \"metadata\": 3} | field 'metadata' is the number 3",
                "{\"id\": \"first\", \"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\"} | id 'first' is already used in line 1",
                "{\"prompt\": \"p\", \"prompt\": \"q\"} | not valid JSON"
            })
    void shouldNameFileLineAndExpectation(String line, String reason) throws IOException {
        var file = write("{\"id\": \"first\", \"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\"}\n" + line.strip());

        assertThatThrownBy(() -> open(file))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(file + ":2: " + reason.strip())
                .message()
                .satisfies(message -> assertThat(message.lines()).hasSize(1));
    }

    @Test
    void shouldHandMalformedLinesToWhoeverAsked() throws IOException {
        var file = write("{\"prompt\": \"p\", \"answer\": \"1\", \"task\": \"t\"}\nnonsense\n");
        var malformed = new ArrayList<MalformedLine>();

        var prompts = PromptSource.open(
                file.toString(), Split.TRAIN, 0, new LineReading("", ChatFormats.CHATML_CONVERSATIONS, malformed::add));

        assertThat(prompts.size()).hasValue(1);
        assertThat(malformed).singleElement().satisfies(line -> {
            assertThat(line.number()).isEqualTo(2);
            assertThat(line.content()).isEqualTo("nonsense");
        });
    }

    @Test
    void shouldSayWhatIsWrongWithTheFile() throws IOException {
        var missing = folder.resolve("missing.jsonl");
        var binary = Files.write(folder.resolve("binary.jsonl"), new byte[] {(byte) 0x80, (byte) 0xfe, 0});
        var empty = write("\n\n");

        assertThatThrownBy(() -> open(missing))
                .hasMessageStartingWith("data file " + missing + " does not exist: data.train");
        assertThatThrownBy(() -> open(binary)).hasMessageContaining(":1: not UTF-8 text");
        assertThatThrownBy(() -> open(empty)).hasMessageContaining("has no training prompts");
        assertThatThrownBy(() -> open(Path.of("builtin:chess"))).hasMessageContaining("expected builtin:arithmetic");
    }

    private static List<String> ids(PromptSource prompts, long from) {
        return LongStream.range(from, from + 50)
                .mapToObj(position -> prompts.at(position).id())
                .toList();
    }

    private PromptSource read(String content) throws IOException {
        return open(write(content));
    }

    private static PromptSource open(Path file) {
        return PromptSource.open(
                file.toString(), Split.TRAIN, 3, LineReading.strict("", ChatFormats.CHATML_CONVERSATIONS));
    }

    private Path write(String content) throws IOException {
        return Files.writeString(folder.resolve("data.jsonl"), content, StandardCharsets.UTF_8);
    }
}
