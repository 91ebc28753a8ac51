package dev.respec.ops.paper.findings;

/**
 * A claim and what was found.
 *
 * @param statement what is claimed
 * @param source who claims it, with the published value if there is one
 * @param because the numbers and the rule that led to the verdict
 */
public record Claim(String statement, String source, Verdict verdict, String because) {
    /** @param why what is missing, after "Not measured: " */
    public static Claim notMeasured(String statement, String source, String why) {
        return new Claim(statement, source, Verdict.NOT_MEASURED, why);
    }

    /** {@code Holds: ….} */
    public String sentence() {
        String text = verdict.text();
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ": " + because;
    }
}
