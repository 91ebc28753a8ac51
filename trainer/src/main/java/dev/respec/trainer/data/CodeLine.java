package dev.respec.trainer.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/**
 * Lines of data sets of programming problems, as the reward function {@code code} reads them: MBPP, HumanEval, APPS and
 * CodeContests. Their tests stand in fields of their own, so that they need no reference answer.
 */
final class CodeLine {
    static final String TASK = "code";
    /** Asks for what {@code code} reads. */
    static final String TEMPLATE =
            PromptWording.PROMPT + "\n\nAnswer with the whole program in one fenced block that begins with ```%s.";
    /** Where these data sets put the problem. */
    static final List<String> PROMPT_FIELDS = List.of("text", "description");
    /** Reference programs: large, and of no use to the reward. */
    static final Set<String> LEFT_OUT =
            Set.of("code", "canonical_solution", "solutions", "incorrect_solutions", "starter_code");

    private CodeLine() {}

    static boolean is(JsonNode line) {
        return line.hasNonNull("test_list")
                || (line.hasNonNull("test") && line.hasNonNull("entry_point"))
                || line.hasNonNull("input_output")
                || line.hasNonNull("public_tests")
                || line.hasNonNull("private_tests");
    }

    static String template(JsonNode line) {
        return TEMPLATE.formatted(line.path("language").asText("python"));
    }

    /** MBPP's problems name their function in the tests only, APPS' in a field of its own. */
    static String question(JsonNode line, String problem) {
        var question = new StringBuilder(problem);
        if (line.path("test_list").isArray()) {
            question.append("\nThe program must pass these tests:\n");
            line.get("test_list").forEach(test -> question.append(test.asText()).append('\n'));
        }
        if (line.hasNonNull("starter_code")
                && !line.get("starter_code").asText().isBlank()) {
            question.append("\nBegin with:\n").append(line.get("starter_code").asText());
        }
        return question.toString();
    }
}
