package dev.respec.scorer.reward;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one number: integer, decimal, thousands separators, sign, currency, {@code a/b}, {@code \frac} (also
 * {@code \frac58} and mixed), percent. Use once.
 *
 * <pre>
 * number   := signed ['/' signed] ['\%' | '%']
 * signed   := ['-' | '+'] ['$'] (decimal [fraction] | fraction)
 * fraction := ('\frac' | '\dfrac' | '\tfrac') part part
 * part     := digit | '{' signed ['/' signed] '}'
 * </pre>
 */
final class NumberParser {
    private static final int DEEPEST = 8;
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d*)?|\\.\\d+");
    private static final Pattern FRACTION = Pattern.compile("\\\\[dt]?frac");
    private static final Rational HUNDREDTH = Rational.of(1).dividedBy(Rational.of(100));

    private final String text;
    private int position;

    NumberParser(String text) {
        this.text = text;
    }

    Optional<NumericAnswer> parse() {
        try {
            Rational value = quotient(0);
            boolean latexPercent = accept("\\%");
            boolean plainPercent = !latexPercent && accept("%");
            if (position < text.length()) {
                return Optional.empty();
            }
            Rational hundredth = value.times(HUNDREDTH);
            if (latexPercent) {
                return Optional.of(new NumericAnswer(Set.of(hundredth)));
            }
            return Optional.of(new NumericAnswer(
                    plainPercent && !value.equals(hundredth) ? Set.of(value, hundredth) : Set.of(value)));
        } catch (NotANumberException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private Rational quotient(int depth) {
        Rational value = signed(depth);
        return accept("/") ? value.dividedBy(signed(depth)) : value;
    }

    private Rational signed(int depth) {
        boolean negative = accept("-");
        if (!negative) {
            accept("+");
        }
        accept("$");
        Rational value = magnitude(depth);
        return negative ? value.negated() : value;
    }

    private Rational magnitude(int depth) {
        Matcher decimal = DECIMAL.matcher(text).region(position, text.length());
        if (!decimal.lookingAt()) {
            return fraction(depth).orElseThrow(NotANumberException::new);
        }
        position = decimal.end();
        Rational whole = Rational.of(new BigDecimal(decimal.group().replace(",", "")));
        return fraction(depth).map(whole::plus).orElse(whole);
    }

    private Optional<Rational> fraction(int depth) {
        Matcher command = FRACTION.matcher(text).region(position, text.length());
        if (!command.lookingAt()) {
            return Optional.empty();
        }
        position = command.end();
        Rational numerator = part(depth + 1);
        return Optional.of(numerator.dividedBy(part(depth + 1)));
    }

    private Rational part(int depth) {
        if (depth > DEEPEST) {
            throw new NotANumberException();
        }
        if (accept("{")) {
            Rational value = quotient(depth);
            if (!accept("}")) {
                throw new NotANumberException();
            }
            return value;
        }
        if (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            return Rational.of(text.charAt(position++) - '0');
        }
        throw new NotANumberException();
    }

    private boolean accept(String expected) {
        boolean found = text.startsWith(expected, position);
        position += found ? expected.length() : 0;
        return found;
    }

    private static final class NotANumberException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotANumberException() {
            super(null, null, false, false);
        }
    }
}
