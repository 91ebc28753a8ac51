package dev.respec.scorer.answer;

import java.math.BigInteger;
import java.util.Set;

/** What a LaTeX command stands for inside a formula. */
final class Primaries {
    private static final Set<String> OTHERS = Set.of(
            "frac",
            "dfrac",
            "tfrac",
            "cfrac",
            "sqrt",
            "binom",
            "dbinom",
            "tbinom",
            "pi",
            "infty",
            "lfloor",
            "lceil",
            "lvert",
            "abs",
            "overline",
            "bar");

    private final TokenCursor tokens;
    private final ExpressionParser parser;

    Primaries(TokenCursor tokens, ExpressionParser parser) {
        this.tokens = tokens;
        this.parser = parser;
    }

    static boolean startsWith(String command) {
        return OTHERS.contains(command) || Functions.NAMED.contains(command);
    }

    Expression command(String name) {
        return switch (name) {
            case "frac", "dfrac", "tfrac", "cfrac" -> fraction();
            case "binom", "dbinom", "tbinom" -> Expression.call("binom", parser.argument(), parser.argument());
            case "sqrt" -> root();
            case "pi" -> Expression.Constant.PI;
            case "infty" -> Expression.Constant.INFINITY;
            case "lfloor" -> closed("floor", "rfloor");
            case "lceil" -> closed("ceil", "rceil");
            case "lvert" -> closed("abs", "rvert");
            case "abs" -> Expression.call("abs", parser.argument());
            case "overline", "bar" -> parser.argument();
            default -> function(name);
        };
    }

    private Expression fraction() {
        Expression dividend = parser.argument();
        return new Expression.Quotient(dividend, parser.argument());
    }

    private Expression root() {
        if (tokens.acceptSign("[")) {
            Expression degree = parser.sum();
            tokens.expectSign("]");
            return Expression.call("root", parser.argument(), degree);
        }
        return Expression.call("sqrt", parser.argument());
    }

    private Expression closed(String function, String closing) {
        Expression inner = parser.sum();
        if (!tokens.acceptCommand(closing)) {
            throw new UnsupportedAnswerException("expected " + closing);
        }
        return Expression.call(function, inner);
    }

    /** {@code \sin^2 x} is the square of the sine, {@code \sin^{-1} x} the inverse function. */
    private Expression function(String name) {
        if (!Functions.NAMED.contains(name)) {
            throw new UnsupportedAnswerException("unknown command");
        }
        if (tokens.acceptSign("_")) {
            Expression base = parser.argument();
            return Expression.call("logbase", parser.functionArgument(), base);
        }
        Expression exponent = tokens.acceptSign("^") ? parser.argument() : Expression.of(1);
        Expression argument = parser.functionArgument();
        boolean inverse = exponent instanceof Expression.Number number
                && number.value().numerator().equals(BigInteger.ONE.negate())
                && Set.of("sin", "cos", "tan").contains(name);
        if (inverse) {
            return Expression.call("arc" + name, argument);
        }
        Expression value = Expression.call(name, argument);
        return exponent.equals(Expression.of(1)) ? value : new Expression.Power(value, exponent);
    }
}
