package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On the models that ship: the policy answers sums by worked steps. */
class GenerateCommandTest {
    private static final Path MODELS = Path.of("models").toAbsolutePath();
    private static final String PROMPT = "Q:3+4=?A:";

    @TempDir
    private Path folder;

    private final PrintStream console = System.out;
    private final StringWriter errors = new StringWriter();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @AfterEach
    void restoreTheConsole() {
        System.setOut(console);
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "suffix:4", "eagle3:3", "eagle3:3x2/6"})
    void shouldStreamTheSameGreedyTextUnderEverySetting(String setting) throws IOException {
        int code = generate("--prompt", PROMPT, "--temperature", "0", "--setting", setting);
        assertThat(errors.toString()).isEmpty();
        assertThat(code).isZero();
        String streamed = output.toString(StandardCharsets.UTF_8).strip();
        assertThat(streamed).isEqualTo(greedy());
    }

    /** The text of the JSON output, which is decoded at once and not as it comes. */
    private String greedy() throws IOException {
        output.reset();
        assertThat(generate("--prompt", PROMPT, "--temperature", "0", "--json")).isZero();
        JsonNode result = new ObjectMapper().readTree(output.toByteArray());
        return result.path("samples").path(0).path("text").asText();
    }

    @Test
    void shouldWriteSamplesAndStatisticsAsJson() throws IOException {
        // Given a prompt that the model's chat template makes of a conversation
        copyPolicy();
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": \"Q:{{ messages[0].content }}=?{% if add_generation_prompt %}A:{% endif %}\"}");
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"eos_token_id\": [1], \"max_new_tokens\": 9, \"temperature\": 0.7, \"top_k\": 5}");
        Path messages = Files.writeString(folder.resolve("m.json"), "[{\"role\":\"user\",\"content\":\"3+4\"}]");
        // When
        int code = run(
                "generate",
                "--model",
                folder.toString(),
                "--messages",
                messages.toString(),
                "-n",
                "3",
                "--json",
                "--seed",
                "5",
                "--setting",
                "suffix:2");
        // Then
        assertThat(errors.toString()).isEmpty();
        assertThat(code).isZero();
        JsonNode result = new ObjectMapper().readTree(output.toByteArray());
        assertThat(result.path("prompt").asText()).isEqualTo(PROMPT);
        assertThat(result.path("samples")).hasSize(3).allSatisfy(sample -> {
            int tokens = sample.path("token_ids").size();
            assertThat(tokens).isBetween(1, 9);
            assertThat(sample.path("logprobs"))
                    .hasSize(tokens)
                    .allSatisfy(value -> assertThat(value.asDouble()).isNotPositive());
            boolean stopped = sample.path("token_ids").get(tokens - 1).asInt() == 1;
            assertThat(sample.path("finish_reason").asText()).isEqualTo(stopped ? "stop" : "length");
        });
        long emitted = 0;
        for (JsonNode sample : result.path("samples")) {
            emitted += sample.path("token_ids").size();
        }
        assertThat(result.path("statistics").path("tokens").asLong()).isEqualTo(emitted);
        assertThat(result.path("statistics").path("acceptance_length").asDouble())
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void shouldPutAPromptIntoTheModelsOwnWords() throws IOException {
        copyPolicy();
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% else %}Q:{{ m.content }}=?{% endif %}"
                        + "{% endfor %}{% if quick %}A:{% endif %}");

        assertThat(prompt("--prompt", "3+4", "--template-variables", "{\"quick\": true}"))
                .isEqualTo(PROMPT);
        assertThat(prompt(
                        "--prompt",
                        "3+4",
                        "--set",
                        "data.template-variables={quick: false}",
                        "--set",
                        "data.system-prompt=1+1",
                        "--set",
                        "data.prompt-template={prompt}+5"))
                .isEqualTo("1+1Q:3+4+5=?");
        assertThat(prompt("--prompt", "3+4", "--set", "data.chat=off")).isEqualTo("3+4");
    }

    private String prompt(String... options) throws IOException {
        output.reset();
        List<String> arguments =
                new ArrayList<>(List.of("generate", "--model", folder.toString(), "--max-tokens", "1", "--json"));
        arguments.addAll(List.of(options));
        assertThat(run(arguments.toArray(String[]::new))).isZero();
        return new ObjectMapper().readTree(output.toByteArray()).path("prompt").asText();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--prompt 1 --setting tree:4|2|--setting: no such setting: tree:4; expected off, suffix:LENGTH, eagle3:LENGTH,",
                "--prompt 1 --setting eagle3:4x3|2|no such setting: eagle3:4x3; expected off,",
                "--prompt 1 --setting model:2|2|needs a model; name it with --set model.smaller=DIR",
                "--prompt 1 --setting eagle3:3|2|needs a drafter; name it with --drafter DIR",
                "--prompt 1 --temperature -1|2|temperature must be 0 or a positive number, found -1.0",
                "--prompt 1 --max-tokens 0|2|expected at least 1, found 0 and 1",
                "--prompt Z|4|cannot encode the text",
                "--prompt 1 --messages m|2|mutually exclusive",
                "--messages nowhere.json|4|has no chat template"
            })
    void shouldRefuseInOneLine(String options, int exitCode, String line) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "--model", MODELS.resolve("policy").toString()));
        arguments.addAll(List.of(options.split(" ")));
        assertThat(run(arguments.toArray(String[]::new))).isEqualTo(exitCode);
        assertThat(errors.toString().strip()).contains(line).doesNotContain("\n");
    }

    private int generate(String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "generate",
                "--model",
                MODELS.resolve("policy").toString(),
                "--drafter",
                MODELS.resolve("drafter").toString()));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(String[]::new));
    }

    private int run(String... arguments) {
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        return Respec.commandLine().setErr(new PrintWriter(errors)).execute(arguments);
    }

    private void copyPolicy() throws IOException {
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(MODELS.resolve("policy").resolve(name), folder.resolve(name));
        }
    }
}
