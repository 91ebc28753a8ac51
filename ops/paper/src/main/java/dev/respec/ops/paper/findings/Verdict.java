package dev.respec.ops.paper.findings;

/** What the numbers say about a claim. */
public enum Verdict {
    HOLDS("holds"),
    DOES_NOT_HOLD("does not hold"),
    /** Too few or too noisy measurements, or an experiment that did not run. */
    UNDECIDED("cannot be decided here");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** For rules with two outcomes. */
    public static Verdict of(boolean holds) {
        return holds ? HOLDS : DOES_NOT_HOLD;
    }
}
