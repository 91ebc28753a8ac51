package dev.respec.scorer.reward;

import java.util.Optional;
import java.util.Set;

/**
 * A number as an answer states it. A percentage written as plain text means both readings ({@code 25%} is 25 and
 * 0.25); in LaTeX it means the hundredth alone.
 *
 * @param values one value, or the two readings of a plain percentage
 */
record NumericAnswer(Set<Rational> values) {
    private static final int DECIMALS = 6;
    private static final int MOST_CHARACTERS = 400;

    NumericAnswer {
        values = Set.copyOf(values);
    }

    /** Of LaTeX or plain text that is one number and nothing else but a unit; empty where it is not. */
    static Optional<NumericAnswer> parse(String text) {
        return text.length() > MOST_CHARACTERS
                ? Optional.empty()
                : new NumberParser(NumberText.normalise(text)).parse();
    }

    boolean matches(NumericAnswer other) {
        return values.stream().anyMatch(ours -> other.values.stream().anyMatch(theirs -> same(ours, theirs)));
    }

    /** Decimals stand for what they round, so 0.333333 is 1/3; a whole number is only itself. */
    private static boolean same(Rational one, Rational other) {
        if (one.isInteger() || other.isInteger()) {
            return one.equals(other);
        }
        return one.rounded(DECIMALS).compareTo(other.rounded(DECIMALS)) == 0;
    }
}
