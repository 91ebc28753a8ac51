package dev.respec.scorer.code;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.scorer.reward.ScoringInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A problem's tests, from the fields of its data line. The first of these that is there counts:
 *
 * <ul>
 *   <li>{@code test_list}, with {@code test_setup_code}: MBPP's assert statements, each a test
 *   <li>{@code test}, with {@code entry_point}: HumanEval's function {@code check}, one test
 *   <li>{@code input_output}: APPS' inputs and outputs, of a program or of the function {@code fn_name}
 *   <li>{@code public_tests}, {@code private_tests}, {@code generated_tests}: CodeContests' inputs and outputs
 *   <li>{@code tests}: a list of statements, or of {@code {input, output}}
 *   <li>the reference answer, read like {@code tests}
 * </ul>
 *
 * @param setup runs before each test of statements
 * @param entryPoint function that is asked for; empty if none is named
 */
record CodeProblem(Language language, String setup, String entryPoint, List<CodeTest> tests) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXPECTED =
            "expected test_list, test with entry_point, input_output, public_tests or tests" + " (docs/DATA.md, Code)";

    CodeProblem {
        tests = List.copyOf(tests);
    }

    /** @throws IllegalArgumentException if the line has no tests, or none that can be read */
    static CodeProblem of(ScoringInput input) {
        Map<String, String> fields = input.metadata();
        Language language = Language.named(fields.getOrDefault("language", Language.PYTHON.text()));
        String entryPoint = fields.getOrDefault("entry_point", "").strip();
        List<CodeTest> tests = tests(fields, input.answer(), language, entryPoint);
        if (tests.isEmpty()) {
            throw new IllegalArgumentException("the data line has no tests: " + EXPECTED);
        }
        return new CodeProblem(language, fields.getOrDefault("test_setup_code", ""), entryPoint, tests);
    }

    /** With the first tests only; 0 keeps all. */
    CodeProblem first(int most) {
        return most == 0 || tests.size() <= most
                ? this
                : new CodeProblem(language, setup, entryPoint, tests.subList(0, most));
    }

    private static List<CodeTest> tests(
            Map<String, String> fields, String answer, Language language, String entryPoint) {
        if (fields.containsKey("test_list")) {
            return list(json("test_list", fields.get("test_list")), "test_list");
        }
        if (fields.containsKey("test")) {
            String check = language == Language.PYTHON && !entryPoint.isEmpty() ? "\ncheck(" + entryPoint + ")\n" : "";
            return List.of(new CodeTest.Statements(fields.get("test") + check));
        }
        if (fields.containsKey("input_output")) {
            return apps(json("input_output", fields.get("input_output")), language);
        }
        var contests = new ArrayList<CodeTest>();
        for (String name : List.of("public_tests", "private_tests", "generated_tests")) {
            if (fields.containsKey(name)) {
                JsonNode tests = json(name, fields.get(name));
                contests.addAll(dialogues(name, tests.path("input"), tests.path("output")));
            }
        }
        if (!contests.isEmpty()) {
            return contests;
        }
        if (fields.containsKey("tests")) {
            return list(json("tests", fields.get("tests")), "tests");
        }
        return optionalJson(answer)
                .filter(JsonNode::isArray)
                .map(node -> list(node, "answer"))
                .orElse(List.of());
    }

    private static List<CodeTest> list(JsonNode tests, String name) {
        if (!tests.isArray()) {
            throw new IllegalArgumentException("field '%s' is not a list of tests: %s".formatted(name, EXPECTED));
        }
        var read = new ArrayList<CodeTest>();
        for (JsonNode test : tests) {
            if (test.isTextual()) {
                read.add(new CodeTest.Statements(test.asText()));
            } else if (test.has("input") && test.has("output")) {
                read.add(new CodeTest.Dialogue(text(test.get("input")), text(test.get("output"))));
            } else {
                throw new IllegalArgumentException("field '%s', test %d: expected a text or {\"input\", \"output\"}"
                        .formatted(name, read.size() + 1));
            }
        }
        return read;
    }

    private static List<CodeTest> apps(JsonNode tests, Language language) {
        String function = tests.path("fn_name").asText("");
        if (function.isEmpty()) {
            return dialogues("input_output", tests.path("inputs"), tests.path("outputs"));
        }
        if (language != Language.PYTHON) {
            throw new IllegalArgumentException(
                    "field 'input_output' names the function '%s': only Python's are called".formatted(function));
        }
        requireSameLength("input_output", tests.path("inputs"), tests.path("outputs"));
        var calls = new ArrayList<CodeTest>();
        for (int i = 0; i < tests.path("inputs").size(); i++) {
            calls.add(new CodeTest.Statements(PythonSource.call(
                    function, tests.path("inputs").get(i), tests.path("outputs").get(i))));
        }
        return calls;
    }

    private static List<CodeTest> dialogues(String name, JsonNode inputs, JsonNode outputs) {
        requireSameLength(name, inputs, outputs);
        var dialogues = new ArrayList<CodeTest>();
        for (int i = 0; i < inputs.size(); i++) {
            dialogues.add(new CodeTest.Dialogue(text(inputs.get(i)), text(outputs.get(i))));
        }
        return dialogues;
    }

    private static void requireSameLength(String name, JsonNode inputs, JsonNode outputs) {
        if (!inputs.isArray() || !outputs.isArray() || inputs.size() != outputs.size()) {
            throw new IllegalArgumentException("field '%s': expected as many outputs as inputs, got %d and %d"
                    .formatted(name, inputs.size(), outputs.size()));
        }
    }

    /** Some of APPS' texts are lists of lines. */
    private static String text(JsonNode node) {
        if (!node.isArray()) {
            return node.asText();
        }
        var lines = new ArrayList<String>();
        node.forEach(line -> lines.add(line.asText()));
        return String.join("\n", lines);
    }

    private static JsonNode json(String name, String text) {
        return optionalJson(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("field '%s' is not JSON: %s".formatted(name, EXPECTED)));
    }

    private static Optional<JsonNode> optionalJson(String text) {
        try {
            return Optional.ofNullable(JSON.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
