package dev.respec.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How questions are put to a model whose template has a default system turn and a switch for thinking. */
class PromptWordingTest {
    private static final String TEMPLATE = """
            {%- if messages[0].role != "system" %}<|im_start|>system
            Default.<|im_end|>
            {% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
            {{ m.content }}<|im_end|>
            {% endfor %}<|im_start|>assistant
            {% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}""";

    private static final String GSM8K = "{\"question\": \"How many?\", \"answer\": \"#### 6\"}";
    private static final String PLAIN = "{\"prompt\": \"1+1?\", \"answer\": \"2\", \"task\": \"exact-match\"}";

    @TempDir
    private Path folder;

    private Path model;
    private Path base;

    @BeforeEach
    void models() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        base = Files.createDirectory(folder.resolve("base"));
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
        Files.writeString(
                model.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [{\"id\": 0, \"content\": \"<|im_start|>\", \"special\": true},"
                        + " {\"id\": 1, \"content\": \"<tool>\", \"special\": false}], \"model\": {}}");
    }

    @Test
    void shouldAskForTheFormThatTheRewardReads() throws IOException {
        assertThat(text(GSM8K, base))
                .isEqualTo("How many? Let's think step by step and output the final answer after \"####\".");
        assertThat(text(GSM8K, model))
                .isEqualTo("<|im_start|>system\nDefault.<|im_end|>\n<|im_start|>user\n"
                        + "How many? Let's think step by step and output the final answer after \"####\".<|im_end|>\n"
                        + "<|im_start|>assistant\n");
        assertThat(text(GSM8K, base, "data.prompt-template={prompt}")).isEqualTo("How many?");
        // another reward reads another form, which the data or a template of the user's ask for
        assertThat(text(GSM8K, base, "data.task=boxed-math")).isEqualTo("How many?");
    }

    @Test
    void shouldPutTheConfiguredWordsAroundAQuestion() throws IOException {
        assertThat(text(
                        PLAIN,
                        model,
                        "data.system-prompt=Be brief.",
                        "data.prompt-template=Compute {prompt} Thank you.",
                        "data.template-variables={enable_thinking: false}"))
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
                        + "Compute 1+1? Thank you.<|im_end|>\n<|im_start|>assistant\n<think></think>");
    }

    @Test
    void shouldKeepTheSystemTurnOfAConversation() throws IOException {
        var line = "{\"messages\": [{\"role\": \"system\", \"content\": \"Own.\"}, {\"role\": \"user\", \"content\":"
                + " \"Hi\"}], \"answer\": \"x\", \"task\": \"exact-match\"}";

        assertThat(text(line, model, "data.system-prompt=Be brief."))
                .isEqualTo(
                        "<|im_start|>system\nOwn.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    }

    @Test
    void shouldLeaveATextThatIsWrittenForTheModelAsItIs() throws IOException {
        var rendered = "{\"question\": \"<|im_start|>user\\nHi\", \"answer\": \"#### 6\"}";

        assertThat(text(rendered, model)).isEqualTo("<|im_start|>user\nHi");
        assertThat(text(PLAIN.replace("1+1?", "<tool>"), model)).contains("<|im_start|>user\n<tool><|im_end|>");
        assertThat(text(rendered, model, "data.chat=on")).contains("<|im_start|>user\n<|im_start|>user\nHi");
    }

    @Test
    void shouldRenderNothingIfChatIsOff() throws IOException {
        assertThat(text(PLAIN, model, "data.chat=off")).isEqualTo("1+1?");
        assertThatThrownBy(() -> text(
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"answer\": \"x\", \"task\": \"t\"}",
                        model,
                        "data.chat=off"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("data.jsonl:1")
                .hasMessageContaining("data.chat is off");
    }

    @Test
    void shouldRefuseWordsThatNeedATemplateWhereThereIsNone() {
        assertThatThrownBy(() -> text(PLAIN, base, "data.chat=on"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(base + " has no chat template");
        assertThatThrownBy(() -> text(PLAIN, base, "data.system-prompt=Be brief."))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("data.system-prompt needs a chat template, and the model has none");
    }

    @Test
    void shouldNameTheLineThatTheTemplateRefuses() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% if 'no' in messages[0].content %}{{ raise_exception('Not this.') }}{% endif %}ok");
        var file = Files.writeString(folder.resolve("two.jsonl"), PLAIN + "\n" + PLAIN.replace("1+1?", "no"));
        var reading = LineReading.strict(RespecConfig.defaults().data(), model);

        assertThatThrownBy(() -> PromptSource.open(file.toString(), Split.TRAIN, 0, reading))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("two.jsonl:2: ")
                .hasMessageContaining("the template refuses: Not this.");
    }

    private String text(String line, Path policy, String... settings) throws IOException {
        var file = Files.writeString(folder.resolve("data.jsonl"), line + "\n");
        var data = RespecConfig.defaults().withOverrides(List.of(settings)).data();
        return PromptSource.open(file.toString(), Split.TRAIN, 0, LineReading.strict(data, policy))
                .at(0)
                .text();
    }
}
