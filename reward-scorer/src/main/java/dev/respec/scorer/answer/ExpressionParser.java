package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Expression.Constant;
import java.math.BigDecimal;
import java.util.Set;

/**
 * Reads one formula, LaTeX or plain.
 *
 * <pre>
 * sum     := ['+' | '-' | '\pm'] product (('+' | '-' | '\pm') product)*
 * product := power (('*' | '/' | '\cdot' | nothing) power)*
 * power   := primary ('!' | '^\circ' | ('^' | '**') exponent)*
 * </pre>
 */
final class ExpressionParser {
    private static final int DEEPEST = 40;
    private static final Set<String> FRACTIONS = Set.of("frac", "dfrac", "tfrac", "cfrac");

    private final TokenCursor tokens;
    /** What {@code \pm} stands for in this reading. */
    private final int plusMinus;

    private int depth;

    ExpressionParser(TokenCursor tokens, int plusMinus) {
        this.tokens = tokens;
        this.plusMinus = plusMinus;
    }

    Expression sum() {
        if (++depth > DEEPEST) {
            throw new UnsupportedAnswerException("nested too deeply");
        }
        Expression left = sign() < 0 ? Expression.negated(product()) : product();
        while (startsSign()) {
            Expression right = sign() < 0 ? Expression.negated(product()) : product();
            left = new Expression.Sum(left, right);
        }
        depth--;
        return left;
    }

    private boolean startsSign() {
        Token token = tokens.peek();
        return token.isSign("+") || token.isSign("-") || token.isCommand("pm") || token.isCommand("mp");
    }

    private int sign() {
        int sign = 1;
        while (startsSign()) {
            Token token = tokens.next();
            sign *= token.isSign("-") ? -1 : token.isCommand("pm") ? plusMinus : token.isCommand("mp") ? -plusMinus : 1;
        }
        return sign;
    }

    private Expression product() {
        Expression left = factor();
        while (true) {
            if (tokens.peek().isSign("*")
                    || tokens.peek().isCommand("cdot")
                    || tokens.peek().isCommand("times")
                    || tokens.peek().isCommand("ast")) {
                tokens.next();
                left = new Expression.Product(left, signedFactor());
            } else if (tokens.peek().isSign("/") || tokens.peek().isCommand("div")) {
                tokens.next();
                left = new Expression.Quotient(left, signedFactor());
            } else if (startsFactor() && tokens.peek().kind() != Token.Kind.NUMBER) {
                left = new Expression.Product(left, factor());
            } else {
                return left;
            }
        }
    }

    private Expression signedFactor() {
        return sign() < 0 ? Expression.negated(factor()) : factor();
    }

    /** A power, or a whole number followed by a proper fraction, which is their sum. */
    private Expression factor() {
        Token first = tokens.peek();
        if (first.kind() == Token.Kind.NUMBER
                && first.text().chars().allMatch(Character::isDigit)
                && tokens.peek(1).kind() == Token.Kind.COMMAND
                && FRACTIONS.contains(tokens.peek(1).text())) {
            int start = tokens.position();
            Expression whole = primary();
            Expression fraction = primary();
            if (proper(fraction) && !tokens.peek().isSign("^")) {
                return new Expression.Sum(whole, fraction);
            }
            tokens.moveTo(start);
        }
        return power();
    }

    private static boolean proper(Expression fraction) {
        return fraction instanceof Expression.Quotient quotient
                && quotient.dividend() instanceof Expression.Number dividend
                && quotient.divisor() instanceof Expression.Number divisor
                && dividend.value().signum() > 0
                && dividend.value().isInteger()
                && divisor.value().isInteger()
                && dividend.value().numerator().compareTo(divisor.value().numerator()) < 0;
    }

    private Expression power() {
        Expression base = primary();
        while (true) {
            if (tokens.acceptSign("!")) {
                base = Expression.call("factorial", base);
            } else if (tokens.peek().isSign("^") && Degrees.at(tokens, 1)) {
                Degrees.skip(tokens);
                base = Expression.call("degrees", base);
            } else if (tokens.acceptSign("^")) {
                base = new Expression.Power(base, exponent());
            } else if (tokens.peek().isSign("*") && tokens.peek(1).isSign("*")) {
                tokens.next();
                tokens.next();
                base = new Expression.Power(base, exponent());
            } else {
                return base;
            }
        }
    }

    /** Towers are built from the right: {@code 2^3^2} is 2^9. */
    private Expression exponent() {
        Expression exponent = argument();
        if (!tokens.peek().isSign("^") || Degrees.at(tokens, 1)) {
            return exponent;
        }
        tokens.next();
        if (++depth > DEEPEST) {
            throw new UnsupportedAnswerException("nested too deeply");
        }
        Expression tower = new Expression.Power(exponent, exponent());
        depth--;
        return tower;
    }

    private boolean startsFactor() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NUMBER, LETTER -> true;
            case COMMAND -> Primaries.startsWith(token.text());
            case SIGN -> token.isSign("(") || token.isSign("{") || token.isSign("[");
            default -> false;
        };
    }

    private Expression primary() {
        if (++depth > DEEPEST) {
            throw new UnsupportedAnswerException("nested too deeply");
        }
        Expression value = primary(tokens.next());
        depth--;
        return value;
    }

    private Expression primary(Token token) {
        return switch (token.kind()) {
            case NUMBER -> number(token.text());
            case LETTER -> letter(token.text());
            case COMMAND -> new Primaries(tokens, this).command(token.text());
            case SIGN -> bracketed(token.text());
            default -> throw new UnsupportedAnswerException("expected a formula");
        };
    }

    private Expression bracketed(String opening) {
        String closing = switch (opening) {
            case "(" -> ")";
            case "[" -> "]";
            case "{" -> "}";
            case "|" -> "|";
            default -> throw new UnsupportedAnswerException("expected a formula");
        };
        Expression inner = sum();
        tokens.expectSign(closing);
        return opening.equals("|") ? Expression.call("abs", inner) : inner;
    }

    static Expression number(String text) {
        BigDecimal value = new BigDecimal(text);
        if (Math.abs((long) value.scale()) > 3000) {
            throw new UnsupportedAnswerException("exponent too large");
        }
        return new Expression.Number(Rational.of(value), Math.max(0, value.scale()));
    }

    private Expression letter(String name) {
        StringBuilder full = new StringBuilder(name);
        while (tokens.acceptSign("'")) {
            full.append('\'');
        }
        if (tokens.acceptSign("_")) {
            full.append('_').append(subscript());
        } else if (full.length() == 1 && name.equals("e")) {
            return Constant.E;
        } else if (full.length() == 1 && name.equals("i")) {
            return Constant.I;
        }
        return new Expression.Symbol(full.toString());
    }

    private String subscript() {
        if (!tokens.acceptSign("{")) {
            return tokens.next().text();
        }
        StringBuilder text = new StringBuilder();
        while (!tokens.peek().isSign("}") && !tokens.atEnd()) {
            text.append(tokens.next().text());
        }
        tokens.expectSign("}");
        return text.toString();
    }

    /** What a command or an exponent applies to: a group, or one digit, symbol or command. */
    Expression argument() {
        if (tokens.acceptSign("{")) {
            Expression value = sum();
            tokens.expectSign("}");
            return value;
        }
        int sign = sign();
        Expression value = primary();
        return sign < 0 ? Expression.negated(value) : value;
    }

    /** A bracket, or the factors up to an operator or another function. */
    Expression functionArgument() {
        Token token = tokens.peek();
        if (token.isSign("(") || token.isSign("{") || token.isSign("[")) {
            return primary();
        }
        int sign = sign();
        Expression value = power();
        while (startsFactor()
                && !Functions.NAMED.contains(tokens.peek().text())
                && tokens.peek().kind() != Token.Kind.NUMBER
                && !tokens.peek().isSign("(")) {
            value = new Expression.Product(value, power());
        }
        return sign < 0 ? Expression.negated(value) : value;
    }
}
