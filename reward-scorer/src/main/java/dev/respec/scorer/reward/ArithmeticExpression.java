package dev.respec.scorer.reward;

import dev.respec.scorer.answer.Rational;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A sum or product of whole numbers with brackets, computed exactly.
 *
 * <pre>
 * sum     := product (('+' | '-' | '−') product)*
 * product := factor (('*' | '×' | '·' | '/' | '÷') factor)*
 * factor  := number | '(' sum ')'
 * </pre>
 *
 * @param operands the numbers it is written with, ascending
 */
record ArithmeticExpression(Rational value, List<Long> operands) {
    ArithmeticExpression {
        operands = operands.stream().sorted().toList();
    }

    /** Of {@code text}, or of what stands left of its first {@code =}; empty if malformed or dividing by 0. */
    static Optional<ArithmeticExpression> parse(String text) {
        int equation = text.indexOf('=');
        String expression = (equation < 0 ? text : text.substring(0, equation)).replaceAll("\\s", "");
        if (expression.length() > Parser.MOST_CHARACTERS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Parser(expression).parse());
        } catch (MalformedExpressionException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static final class Parser {
        static final int MOST_CHARACTERS = 500;
        private static final int MOST_DIGITS = 18;
        private static final int DEEPEST = 50;

        private final String text;
        private final List<Long> operands = new ArrayList<>();
        private int position;

        Parser(String text) {
            this.text = text;
        }

        ArithmeticExpression parse() {
            Rational value = sum(0);
            if (position < text.length()) {
                throw new MalformedExpressionException();
            }
            return new ArithmeticExpression(value, operands);
        }

        private Rational sum(int depth) {
            Rational value = product(depth);
            while (true) {
                if (acceptAny("+")) {
                    value = value.plus(product(depth));
                } else if (acceptAny("-−")) {
                    value = value.minus(product(depth));
                } else {
                    return value;
                }
            }
        }

        private Rational product(int depth) {
            Rational value = factor(depth);
            while (true) {
                if (acceptAny("*×·")) {
                    value = value.times(factor(depth));
                } else if (acceptAny("/÷")) {
                    value = value.dividedBy(factor(depth));
                } else {
                    return value;
                }
            }
        }

        private Rational factor(int depth) {
            if (acceptAny("(")) {
                if (depth > DEEPEST) {
                    throw new MalformedExpressionException();
                }
                Rational value = sum(depth + 1);
                if (!acceptAny(")")) {
                    throw new MalformedExpressionException();
                }
                return value;
            }
            int start = position;
            while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
                position++;
            }
            if (position == start || position - start > MOST_DIGITS) {
                throw new MalformedExpressionException();
            }
            long operand = Long.parseLong(text.substring(start, position));
            operands.add(operand);
            return Rational.of(operand);
        }

        private boolean acceptAny(String characters) {
            boolean found = position < text.length() && characters.indexOf(text.charAt(position)) >= 0;
            position += found ? 1 : 0;
            return found;
        }
    }

    private static final class MalformedExpressionException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedExpressionException() {
            super(null, null, false, false);
        }
    }
}
