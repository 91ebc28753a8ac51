package dev.respec.ops.paper.findings;

/** What the numbers say about a claim. */
public enum Verdict {
    HOLDS("holds"),
    DOES_NOT_HOLD("does not hold"),
    /** Too few or too noisy measurements. */
    UNDECIDED("cannot be decided here"),
    /** What the claim compares was not measured at all. */
    NOT_MEASURED("not measured");

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
