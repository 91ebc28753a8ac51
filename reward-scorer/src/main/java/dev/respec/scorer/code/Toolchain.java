package dev.respec.scorer.code;

import java.time.Duration;
import java.util.List;

/** Runs programs of one language. Implementations are thread-safe. */
interface Toolchain {
    /**
     * Puts a program into its folder, compiled if the language is.
     *
     * @param tests that will be run
     * @return empty if the tests can run, else why none passes
     */
    String prepare(Program program, CodeProblem problem, List<CodeTest> tests, RunFolder folder, Duration time);

    /** Runs one of those tests. */
    Verdict run(Program program, CodeProblem problem, CodeTest test, RunFolder folder, Duration time);
}
