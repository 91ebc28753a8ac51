package dev.respec.scorer.code;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RewardSection.Code;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code code}: share of the tests that the response's program passes, or 1 if it passes all of them. Each test runs in
 * a sandbox of its own, of which nothing is left when the test has ended.
 *
 * <p>A program that does not compile, ends early, or reaches a limit fails its test; that is a verdict, not an error.
 */
public final class CodeReward implements SlowReward {
    private static final Logger log = LoggerFactory.getLogger(CodeReward.class);
    /** Longer programs are not judged; no problem needs one. */
    private static final int MOST_CHARACTERS = 100_000;

    private final Code config;
    private final Sandbox sandbox;
    private final Map<Language, Toolchain> toolchains;

    private CodeReward(Code config, Sandbox sandbox, Map<Language, Toolchain> toolchains) {
        this.config = config;
        this.sandbox = sandbox;
        this.toolchains = new EnumMap<>(toolchains);
    }

    /**
     * Makes the reward as configured and checks that the machine can run it.
     *
     * @throws dev.respec.scorer.reward.RewardFunctionException naming what the machine lacks
     */
    public static CodeReward of(Code config) {
        return CodeMachine.look(config);
    }

    static CodeReward of(Code config, Sandbox sandbox, Map<Language, Toolchain> toolchains) {
        return new CodeReward(config, sandbox, toolchains);
    }

    @Override
    public String name() {
        return "code";
    }

    @Override
    public int parallelCalls() {
        return config.parallel();
    }

    @Override
    public void check(ScoringInput line) {
        var unused = toolchain(CodeProblem.of(line).language());
    }

    private Toolchain toolchain(Language language) {
        Toolchain toolchain = toolchains.get(language);
        if (toolchain == null) {
            throw new IllegalArgumentException("language is %s: add it to reward.code.languages (%s)"
                    .formatted(language.text(), config.languages()));
        }
        return toolchain;
    }

    @Override
    public Reward score(ScoringInput input) {
        CodeProblem problem = CodeProblem.of(input).first(config.mostTests());
        Toolchain toolchain = toolchain(problem.language());
        Program program = withPrompt(Program.of(input.response(), problem.language()), input.prompt(), problem);
        int passed = program.source().length() > MOST_CHARACTERS ? 0 : passed(program, problem, toolchain);
        double share = passed / (double) problem.tests().size();
        double all = passed == problem.tests().size() ? 1 : 0;
        double value = config.score() == Code.Score.ALL ? all : share;
        return config.score() == Code.Score.ALL
                ? new Reward(value, Map.of("all_passed", all))
                : new Reward(value, Map.of("passed_share", share, "all_passed", all));
    }

    /**
     * A response that only continues the function of its prompt, as HumanEval's completions do, needs the prompt in
     * front.
     */
    private static Program withPrompt(Program program, String prompt, CodeProblem problem) {
        String definition = "def " + problem.entryPoint();
        boolean continues = !program.fenced()
                && problem.language() == Language.PYTHON
                && !problem.entryPoint().isEmpty()
                && prompt.contains(definition)
                && !program.source().contains(definition);
        return continues ? new Program(prompt + program.source(), false) : program;
    }

    private int passed(Program program, CodeProblem problem, Toolchain toolchain) {
        long end = System.nanoTime() + config.timeout().toNanos();
        try (RunFolder folder = sandbox.folder()) {
            String refusal = toolchain.prepare(program, problem, problem.tests(), folder, config.timeout());
            if (!refusal.isEmpty()) {
                log.atDebug().addKeyValue("reason", refusal).log("No test can run");
                return 0;
            }
            return passed(program, problem, toolchain, folder, end);
        }
    }

    private int passed(Program program, CodeProblem problem, Toolchain toolchain, RunFolder folder, long end) {
        int passed = 0;
        for (CodeTest test : problem.tests()) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                log.atDebug().addKeyValue("passed", passed).log("Tests end at reward.code.timeout");
                break;
            }
            Duration time = left.compareTo(config.testTimeout()) < 0 ? left : config.testTimeout();
            Verdict verdict = toolchain.run(program, problem, test, folder, time);
            if (verdict.passed()) {
                passed++;
            } else {
                log.atDebug().addKeyValue("reason", verdict.reason()).log("Test fails");
                if (config.score() == Code.Score.ALL) {
                    break;
                }
            }
        }
        return passed;
    }

    /** Nothing runs between two calls. */
    @Override
    public void close() {}
}
