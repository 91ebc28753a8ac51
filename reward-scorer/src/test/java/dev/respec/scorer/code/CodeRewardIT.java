package dev.respec.scorer.code;

import static dev.respec.scorer.code.CodeRewards.assertNothingIsLeft;
import static dev.respec.scorer.code.CodeRewards.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.ScoringInput;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs and tests in the shapes that people have, with results that follow from reading them. */
@Timeout(300)
class CodeRewardIT {
    private static final Map<String, String> SQUARES =
            Map.of("test_list", "[\"assert square(2) == 4\", \"assert square(-3) == 9\", \"assert square(0) == 0\"]");

    @AfterEach
    void nothingIsLeft() {
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveTheShareOfAssertStatementsThatHold() {
        var reward = CodeRewards.onThisMachine();

        assertThat(score(reward, "Here:\n```python\ndef square(x):\n    return x * x\n```", SQUARES))
                .isEqualTo(new Reward(1, Map.of("passed_share", 1.0, "all_passed", 1.0)));
        assertThat(score(reward, "def square(x):\n    return 2 * x", SQUARES))
                .isEqualTo(new Reward(2 / 3.0, Map.of("passed_share", 2 / 3.0, "all_passed", 0.0)));
        assertThat(score(reward, "def square(x) return", SQUARES).value()).isZero();
        assertThat(score(reward, "", SQUARES).value()).isZero();
    }

    @Test
    void shouldGiveOneOnlyForAllTestsWhereToldSo() {
        var reward = CodeRewards.onThisMachine("reward.code.score=all");

        assertThat(score(reward, "def square(x):\n    return x * x", SQUARES).value())
                .isEqualTo(1);
        assertThat(score(reward, "def square(x):\n    return 2 * x", SQUARES))
                .isEqualTo(new Reward(0, Map.of("all_passed", 0.0)));
    }

    @Test
    void shouldCompareOutputsWithoutWhiteSpaceAtTheEndOfLines() {
        var reward = CodeRewards.onThisMachine();
        var sums = Map.of("input_output", "{\"inputs\": [\"1 2\\n\", \"5 6\\n\"], \"outputs\": [\"3\\n\", \"11\"]}");

        assertThat(score(reward, "a, b = map(int, input().split())\nprint(a + b, '')", sums)
                        .value())
                .isEqualTo(1);
        assertThat(score(reward, "print(3)", sums).value()).isEqualTo(0.5);
        assertThat(score(reward, "print(' 3')", sums).value()).isZero();
        // right output, and then an error
        assertThat(score(reward, "a, b = map(int, input().split())\nprint(a + b)\n1 / 0", sums)
                        .value())
                .isZero();
    }

    @Test
    void shouldReadTextBeyondAscii() {
        var reward = CodeRewards.onThisMachine();

        assertThat(score(
                                reward,
                                "print(input()[::-1])",
                                Map.of("tests", "[{\"input\": \"äß😀\", \"output\": \"😀ßä\"}]"))
                        .value())
                .isEqualTo(1);
        assertThat(score(reward, "def f():\n    return '😀'", Map.of("tests", "[\"assert f() == '😀'\"]"))
                        .value())
                .isEqualTo(1);
    }

    @Test
    void shouldCallFunctionsAsAppsDoes() {
        var reward = CodeRewards.onThisMachine();
        var calls = Map.of(
                "input_output",
                "{\"fn_name\": \"pair\", \"inputs\": [[1, \"ä\\\"\"], [2, \"b\"]], \"outputs\": [[1, \"ä\\\"\"], [[2, \"b\"]]]}");

        assertThat(score(reward, "def pair(a, b):\n    return (a, b)", calls).value())
                .isEqualTo(1);
        assertThat(score(reward, "class Solution:\n    def pair(self, a, b):\n        return [a, b]", calls)
                        .value())
                .isEqualTo(1);
        assertThat(score(reward, "def pair(a, b):\n    return [b, a]", calls).value())
                .isZero();
    }

    @Test
    void shouldPutThePromptBeforeACompletionAsInHumanEval() {
        var reward = CodeRewards.onThisMachine();
        var metadata = Map.of("entry_point", "double", "test", "def check(candidate):\n    assert candidate(4) == 8\n");
        String prompt = "def double(x):\n    \"\"\"Twice x.\"\"\"\n";

        assertThat(reward.score(new ScoringInput(prompt, "    return 2 * x\n", "", FinishReason.STOP, metadata))
                        .value())
                .isEqualTo(1);
        assertThat(reward.score(new ScoringInput(
                                prompt,
                                "```python\ndef double(x):\n    return x + x\n```",
                                "",
                                FinishReason.STOP,
                                metadata))
                        .value())
                .isEqualTo(1);
        assertThat(reward.score(new ScoringInput(prompt, "    return x\n", "", FinishReason.STOP, metadata))
                        .value())
                .isZero();
    }

    @Test
    void shouldRunTheFirstTestsOnlyWhereToldSo() {
        var reward = CodeRewards.onThisMachine("reward.code.most-tests=1");

        assertThat(score(reward, "def square(x):\n    return 2 * x", SQUARES).value())
                .isEqualTo(1);
    }

    @Test
    void shouldRunJavaProgramsAndTests() {
        var reward = CodeRewards.onThisMachine(
                "reward.code.languages=[java]", "reward.code.test-timeout=30s", "reward.code.timeout=60s");
        var sums = Map.of(
                "language",
                "java",
                "tests",
                "[{\"input\": \"1 2\", \"output\": \"3\"}, {\"input\": \"5 6\", \"output\": \"12\"}]");
        var statements = Map.of(
                "language",
                "java",
                "test_list",
                "[\"assert new Solution().square(3) == 9;\", \"assert new Solution().square(2) == 5;\"]");
        var whole = Map.of(
                "language",
                "java",
                "test",
                "public class Main { public static void main(String[] a) { if (new Solution().square(3) != 9) throw new AssertionError(); } }");
        String solution = "```java\nclass Solution { int square(int x) { return x * x; } }\n```";

        assertThat(score(reward, """
                ```java
                import java.util.Scanner;
                public class Sum {
                    public static void main(String[] arguments) {
                        var in = new Scanner(System.in);
                        System.out.println(in.nextInt() + in.nextInt());
                    }
                }
                ```""", sums).value()).isEqualTo(0.5);
        assertThat(score(reward, solution, statements).value()).isEqualTo(0.5);
        assertThat(score(reward, solution, whole).value()).isEqualTo(1);
        assertThat(score(reward, "class Solution { int square(int x) { System.exit(0); return 0; } }", whole)
                        .value())
                .isZero();
        assertThat(score(reward, "class Solution { int square(int x) { return }", statements)
                        .value())
                .isZero();
    }

    @Test
    void shouldRefuseALanguageThatIsSwitchedOff() {
        var reward = CodeRewards.onThisMachine();

        assertThatThrownBy(() -> score(reward, "", Map.of("language", "java", "tests", "[\"a\"]")))
                .hasMessageContaining("language is java: add it to reward.code.languages ([python])");
    }

    @Test
    void shouldFindALineThatCannotBeJudgedBeforeARun() {
        var reward = CodeRewards.onThisMachine();

        assertThatThrownBy(() -> reward.check(new ScoringInput("", "", "", FinishReason.STOP, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the data line has no tests");
        reward.check(new ScoringInput("", "", "", FinishReason.STOP, SQUARES));
    }

    @Test
    void shouldNameAnInterpreterThatCannotRun() {
        CodeRewards.onThisMachine();

        assertThatThrownBy(() -> CodeReward.of(CodeRewards.config("reward.code.python=/nowhere/python3")))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("reward.code.python is '/nowhere/python3'")
                .hasMessageContaining("install Python 3");
        assertThatThrownBy(() -> CodeReward.of(CodeRewards.config("reward.code.python=no-such-python")))
                .hasMessageContaining("there is none on the path");
    }

    /** A machine whose kernel refuses namespaces, which this one may not be. */
    @Test
    void shouldNameTheIsolationThatTheMachineDoesNotGive() {
        CodeRewards.onThisMachine();
        var refusing = new Launcher() {
            @Override
            public List<String> command(ProgramRun run, RunFolder folder) {
                return List.of("/bin/sh", "-c", "echo 'unshare: Operation not permitted' >&2; exit 1");
            }

            @Override
            public boolean otherUser() {
                return false;
            }

            @Override
            public void end(Process process, RunFolder folder) {
                process.destroyForcibly();
            }
        };
        var limits = RunLimits.of(CodeRewards.config());

        assertThatThrownBy(() -> CodeMachine.requireIsolation(new Sandbox(refusing, limits)))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("unshare: Operation not permitted")
                .hasMessageContaining("reward.code.isolation=limits-only");
    }
}
