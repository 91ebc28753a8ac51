package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the policy that ships, which answers sums by worked steps. */
class EvalCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOO_LONG = "Q:" + "1+".repeat(700) + "1=?A:";

    @TempDir
    private Path folder;

    private final PrintStream console = System.out;
    private final PrintStream consoleErrors = System.err;
    private final StringWriter errors = new StringWriter();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @BeforeEach
    void catchTheConsole() {
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restoreTheConsole() {
        System.setOut(console);
        System.setErr(consoleErrors);
    }

    @Test
    void shouldMeasureRewardsAndWriteEveryAnswer() throws IOException {
        // Given answers as texts and numbers, one that is not a number, and a prompt longer than a slot
        Path data = data(
                "{\"prompt\": \"Q:3+4=?A:\", \"answer\": \"7\", \"task\": \"arithmetic\"}",
                "{\"prompt\": \"Q:9+9=?A:\", \"answer\": 18.0, \"task\": \"boxed-math\"}",
                "{\"prompt\": \"Q:9-9=?A:\", \"answer\": 1e3, \"task\": \"gsm8k\"}",
                "{\"prompt\": \"Q:1+1=?A:\", \"answer\": \"two\", \"task\": \"gsm8k\"}",
                "{\"prompt\": \"" + TOO_LONG + "\", \"answer\": \"701\", \"task\": \"arithmetic\"}");
        Path answers = folder.resolve("answers.jsonl");
        Path json = folder.resolve("result.json");

        // When
        int code = eval(data, "-n", "4", "--out", answers.toString(), "--json", json.toString());

        // Then greedy answers are right where they can be
        assertThat(errors.toString()).isEmpty();
        assertThat(code).isZero();
        JsonNode result = JSON.readTree(json.toFile());
        assertThat(result.path("prompts").asInt()).isEqualTo(4);
        assertThat(result.path("refused_prompts").asInt()).isEqualTo(1);
        assertThat(result.path("greedy").path("mean_reward").asDouble()).isEqualTo(0.5);
        assertThat(result.path("greedy").path("reward_errors").asInt()).isEqualTo(1);
        // Deviation of (1, 1, 0, 0) is the root of 1/3
        assertThat(result.path("greedy").path("standard_error").asDouble())
                .isCloseTo(Math.sqrt(1.0 / 3) / 2, within(1e-9));
        assertThat(result.path("sampled").path("pass_at_k").fieldNames())
                .toIterable()
                .containsExactly("1", "2", "4");
        List<JsonNode> lines = lines(answers);
        assertThat(lines).hasSize(4 * 4 + 4);
        assertThat(mean(lines, "sampled"))
                .isCloseTo(result.path("sampled").path("mean_reward").asDouble(), within(1e-9));
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.path("response").asText()).isNotEmpty();
            assertThat(line.path("finish_reason").asText()).isIn("stop", "length");
            boolean failed = line.path("prompt").asText().equals("Q:1+1=?A:");
            assertThat(line.path("reward_error").asText().contains("'two' is not a number"))
                    .isEqualTo(failed);
            boolean parts = line.path("prompt").asText().equals("Q:9-9=?A:");
            assertThat(line.path("reward_parts").has("strict")).isEqualTo(parts);
        });
        assertThat(output.toString(StandardCharsets.UTF_8))
                .contains("left out: 1 prompt that cannot be answered")
                .contains("worker.capacity");
    }

    @Test
    void shouldRefuseInOneLine() throws IOException {
        Path tooLong = data("{\"prompt\": \"" + TOO_LONG + "\", \"answer\": \"701\", \"task\": \"arithmetic\"}");
        assertRefused(eval(tooLong), 4, "none of 1 prompts can be answered");
        Path unknown = data("{\"prompt\": \"Q:1+1=?A:\", \"answer\": \"2\", \"task\": \"maths\"}");
        assertRefused(eval(unknown), 4, "asks for the reward function 'maths'");
        assertRefused(eval(unknown, "-n", "0"), 2, "--samples must be at least 1, found 0");
        Path good = data("{\"prompt\": \"Q:1+1=?A:\", \"answer\": \"2\", \"task\": \"arithmetic\"}");
        assertRefused(eval(good, "--out", folder.resolve("no/x").toString()), 4, "--out");
        assertRefused(eval(folder.resolve("none.jsonl")), 4, "none.jsonl does not exist");
    }

    private void assertRefused(int code, int expected, String line) {
        assertThat(errors.toString().strip()).contains(line).doesNotContain("\n");
        assertThat(code).isEqualTo(expected);
        errors.getBuffer().setLength(0);
    }

    private int eval(Path data, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "eval",
                "--model",
                Path.of("models", "policy").toAbsolutePath().toString(),
                "--data-dir",
                folder.resolve("data").toString(),
                "--set",
                "sampling.max-tokens=40",
                "--set",
                "data.evaluation=" + data));
        arguments.addAll(List.of(options));
        return Respec.commandLine().setErr(new PrintWriter(errors)).execute(arguments.toArray(String[]::new));
    }

    private Path data(String... lines) throws IOException {
        return Files.write(folder.resolve("data.jsonl"), List.of(lines));
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static double mean(List<JsonNode> lines, String mode) {
        return lines.stream()
                .filter(line -> line.path("mode").asText().equals(mode))
                .mapToDouble(line -> line.path("reward").asDouble())
                .average()
                .orElseThrow();
    }
}
