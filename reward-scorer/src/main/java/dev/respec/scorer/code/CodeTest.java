package dev.respec.scorer.code;

/** One test of a program. */
sealed interface CodeTest {
    /**
     * Passes if it runs to its end after the program, in the same process.
     *
     * @param source statements in the program's language, or in Java a whole class with a main method
     */
    record Statements(String source) implements CodeTest {}

    /** Passes if the program, given this input, ends well and writes this output. */
    record Dialogue(String input, String output) implements CodeTest {}
}
