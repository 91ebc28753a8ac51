package dev.respec.scorer.answer;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A formula with at most one value at every assignment of its symbols. */
sealed interface Expression {
    /** @param decimals digits written after the point; 0 for an integer or a fraction */
    record Number(Rational value, int decimals) implements Expression {}

    record Symbol(String name) implements Expression {}

    /** Numbers that have a name. */
    enum Constant implements Expression {
        PI,
        E,
        I,
        INFINITY
    }

    record Sum(Expression left, Expression right) implements Expression {}

    record Product(Expression left, Expression right) implements Expression {}

    record Quotient(Expression dividend, Expression divisor) implements Expression {}

    record Power(Expression base, Expression exponent) implements Expression {}

    /** A named function of one or two arguments, such as {@code sqrt} or {@code binom}. */
    record Call(String function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    static Expression of(long value) {
        return new Number(Rational.of(value), 0);
    }

    static Expression call(String function, Expression... arguments) {
        return new Call(function, List.of(arguments));
    }

    /** The number itself for a literal, so that its decimals stay known. */
    static Expression negated(Expression value) {
        return value instanceof Number number
                ? new Number(number.value().negated(), number.decimals())
                : new Product(of(-1), value);
    }

    static boolean contains(Expression expression, Expression part) {
        return expression.equals(part) || children(expression).stream().anyMatch(child -> contains(child, part));
    }

    /** Names of the symbols, in alphabetical order. */
    static Set<String> symbols(Expression expression) {
        Set<String> names = new TreeSet<>();
        collect(expression, names);
        return names;
    }

    private static void collect(Expression expression, Set<String> names) {
        if (expression instanceof Symbol symbol) {
            names.add(symbol.name());
        }
        children(expression).forEach(child -> collect(child, names));
    }

    private static List<Expression> children(Expression expression) {
        if (expression instanceof Sum sum) {
            return List.of(sum.left(), sum.right());
        }
        if (expression instanceof Product product) {
            return List.of(product.left(), product.right());
        }
        if (expression instanceof Quotient quotient) {
            return List.of(quotient.dividend(), quotient.divisor());
        }
        if (expression instanceof Power power) {
            return List.of(power.base(), power.exponent());
        }
        return expression instanceof Call call ? call.arguments() : List.of();
    }
}
