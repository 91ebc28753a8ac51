package dev.respec.scorer.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.ScoringInput;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodeProblemTest {
    private static CodeProblem problem(Map<String, String> metadata) {
        return problem(metadata, "");
    }

    private static CodeProblem problem(Map<String, String> metadata, String answer) {
        return CodeProblem.of(new ScoringInput("", "", answer, FinishReason.STOP, metadata));
    }

    @Test
    void shouldReadAssertStatementsAsInMbpp() {
        var problem = problem(
                Map.of("test_list", "[\"assert f(1) == 1\", \"assert f(2) == 4\"]", "test_setup_code", "import math"));

        assertThat(problem.setup()).isEqualTo("import math");
        assertThat(problem.tests())
                .containsExactly(
                        new CodeTest.Statements("assert f(1) == 1"), new CodeTest.Statements("assert f(2) == 4"));
    }

    @Test
    void shouldCallTheEntryPointAsInHumanEval() {
        var problem =
                problem(Map.of("test", "def check(candidate):\n    assert candidate(1) == 1\n", "entry_point", "f"));

        assertThat(problem.entryPoint()).isEqualTo("f");
        assertThat(problem.tests())
                .containsExactly(
                        new CodeTest.Statements("def check(candidate):\n    assert candidate(1) == 1\n\ncheck(f)\n"));
    }

    @Test
    void shouldReadInputsAndOutputsAsInAppsAndCodeContests() {
        var apps = problem(
                Map.of("input_output", "{\"inputs\": [\"1\\n\", [\"2\", \"3\"]], \"outputs\": [\"1\\n\", \"5\"]}"));
        assertThat(apps.tests())
                .containsExactly(new CodeTest.Dialogue("1\n", "1\n"), new CodeTest.Dialogue("2\n3", "5"));

        var contest = problem(Map.of(
                "public_tests", "{\"input\": [\"1\"], \"output\": [\"1\"]}",
                "private_tests", "{\"input\": [\"2\"], \"output\": [\"4\"]}"));
        assertThat(contest.tests()).containsExactly(new CodeTest.Dialogue("1", "1"), new CodeTest.Dialogue("2", "4"));
    }

    @Test
    void shouldReadListsOfItsOwnFromAFieldAndFromTheAnswer() {
        assertThat(problem(Map.of("tests", "[{\"input\": \"1\", \"output\": \"1\"}, \"assert True\"]"))
                        .tests())
                .containsExactly(new CodeTest.Dialogue("1", "1"), new CodeTest.Statements("assert True"));
        assertThat(problem(Map.of(), "[\"assert True\"]").tests())
                .containsExactly(new CodeTest.Statements("assert True"));
    }

    @Test
    void shouldKeepTheFirstTestsOnly() {
        var problem = problem(Map.of("tests", "[\"a\", \"b\", \"c\"]"));

        assertThat(problem.first(2).tests())
                .containsExactly(new CodeTest.Statements("a"), new CodeTest.Statements("b"));
        assertThat(problem.first(0).tests()).hasSize(3);
    }

    @Test
    void shouldSayWhatIsWrongWithALine() {
        assertThatThrownBy(() -> problem(Map.of(), "42"))
                .hasMessageContaining("the data line has no tests: expected test_list");
        assertThatThrownBy(() -> problem(Map.of("test_list", "assert")))
                .hasMessageContaining("'test_list' is not JSON");
        assertThatThrownBy(() -> problem(Map.of("test_list", "{}"))).hasMessageContaining("'test_list' is not a list");
        assertThatThrownBy(() -> problem(Map.of("tests", "[1]")))
                .hasMessageContaining("'tests', test 1: expected a text");
        assertThatThrownBy(() -> problem(Map.of("input_output", "{\"inputs\": [\"1\"], \"outputs\": []}")))
                .hasMessageContaining("expected as many outputs as inputs, got 1 and 0");
        assertThatThrownBy(() -> problem(Map.of("tests", "[\"a\"]", "language", "cobol")))
                .hasMessageContaining("language is 'cobol', expected python or java");
    }
}
