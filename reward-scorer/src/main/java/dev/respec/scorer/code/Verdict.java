package dev.respec.scorer.code;

import java.util.List;

/**
 * Whether a test passed.
 *
 * @param reason one line; empty if it passed
 */
record Verdict(boolean passed, String reason) {
    /** Outputs are equal up to white space at the ends of lines and empty lines at the end. */
    static Verdict ofOutput(ProgramRun.Result result, String expected) {
        if (!result.succeeded()) {
            return new Verdict(false, result.describe());
        }
        return lines(result.output()).equals(lines(expected))
                ? new Verdict(true, "")
                : new Verdict(false, "another output than expected");
    }

    private static List<String> lines(String text) {
        return text.stripTrailing().lines().map(String::stripTrailing).toList();
    }

    /** The last thing a run writes is a token that it was given at its start. */
    static Verdict ofToken(ProgramRun.Result result, String token) {
        return result.succeeded() && result.output().strip().equals(token)
                ? new Verdict(true, "")
                : new Verdict(false, result.describe());
    }
}
