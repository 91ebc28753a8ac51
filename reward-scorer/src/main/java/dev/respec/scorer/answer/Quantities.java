package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Answer.Quantity;
import dev.respec.scorer.answer.Expression.Call;
import dev.respec.scorer.answer.Expression.Number;
import dev.respec.scorer.answer.Expression.Product;
import dev.respec.scorer.answer.Expression.Symbol;
import dev.respec.scorer.answer.Units.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A formula with what may stand around it: currency, unit, percent, base, modulus, ratio. */
final class Quantities {
    private static final Pattern MODULUS =
            Pattern.compile("(?:\\(? ?(?:pmod|bmod|mod|modulo) ?)\\{? ?(\\d{1,18}) ?}? ?\\)?");
    private static final Pattern HALF_OF_DAY = Pattern.compile("[ap] ?m");
    private static final Pattern SCALE = Pattern.compile("C|F|Celsius|Fahrenheit");
    private static final Expression HUNDRED = Expression.of(100);

    private Quantities() {}

    static Answer parse(List<Token> tokens, int plusMinus) {
        Currency currency = Currency.before(tokens);
        TokenCursor cursor = new TokenCursor(currency.rest());
        Expression value = new ExpressionParser(cursor, plusMinus).sum();
        value = currency.negative() ? Expression.negated(value) : value;
        if (cursor.atEnd()) {
            return quantity(value, currency.unit());
        }
        if (cursor.peek().isSign("_") && value instanceof Number) {
            return based(currency.rest(), cursor);
        }
        if (cursor.peek().isSign(":")) {
            return ratio(value, currency.rest(), cursor);
        }
        return withSuffix(value, cursor, currency.unit());
    }

    /** The formula that these tokens are; null if they are something else. */
    static @Nullable Expression formula(List<Token> tokens) {
        TokenCursor cursor = new TokenCursor(tokens);
        try {
            Expression value = new ExpressionParser(cursor, 1).sum();
            return cursor.atEnd() ? value : null;
        } catch (UnsupportedAnswerException e) {
            return null;
        }
    }

    /** Degrees around the whole formula are its unit. */
    private static Answer quantity(Expression value, Unit unit) {
        if (value instanceof Call call && call.function().equals("degrees")) {
            return new Quantity(call.arguments().get(0), Units.parse("degrees").unit(), false);
        }
        if (value instanceof Product product
                && product.left().equals(Expression.of(-1))
                && product.right() instanceof Call call
                && call.function().equals("degrees")) {
            return new Quantity(
                    Expression.negated(call.arguments().get(0)),
                    Units.parse("degrees").unit(),
                    false);
        }
        if (value instanceof Product product
                && product.right() instanceof Symbol scale
                && product.left() instanceof Call call
                && call.function().equals("degrees")
                && (scale.name().equals("C") || scale.name().equals("F"))) {
            return temperature(call, scale.name());
        }
        return new Quantity(value, unit, false);
    }

    private static Quantity temperature(Call degrees, String scale) {
        return new Quantity(
                degrees.arguments().get(0), Units.parse("°" + scale.charAt(0)).unit(), false);
    }

    private static Answer withSuffix(Expression value, TokenCursor cursor, Unit currency) {
        Expression scaled = value;
        boolean latexPercent = cursor.acceptSign("\\%");
        boolean percent = !latexPercent && cursor.acceptSign("%");
        if (latexPercent) {
            scaled = hundredth(value);
        }
        boolean dollars = cursor.acceptSign("$") || cursor.acceptSign("\\$");
        String suffix = joined(cursor.rest());
        Matcher modulus = MODULUS.matcher(suffix.toLowerCase(Locale.ROOT));
        if (modulus.matches()) {
            return new Answer.Congruence(value, ExpressionParser.number(modulus.group(1)));
        }
        if (value instanceof Call call
                && call.function().equals("degrees")
                && SCALE.matcher(suffix).matches()) {
            return temperature(call, suffix);
        }
        Units.Suffix parsed = Units.parse(suffix);
        if (!parsed.multiplier().equals(Rational.ONE)) {
            scaled = new Product(scaled, new Number(parsed.multiplier(), 0));
        }
        Unit unit = dollars ? Units.parse("dollar").unit() : currency;
        boolean degrees = scaled instanceof Call call && call.function().equals("degrees");
        if (!parsed.unit().isNone()
                && (!unit.isNone() || degrees)
                && !parsed.unit().equals(unit)) {
            throw new UnsupportedAnswerException("two units");
        }
        Answer quantity = quantity(scaled, parsed.unit().isNone() ? unit : parsed.unit());
        return percent || parsed.percent() ? new Quantity(scaled, Unit.NONE, true) : quantity;
    }

    /** A hundredth of a literal is one too. */
    static Expression hundredth(Expression value) {
        return value instanceof Number number
                ? new Number(number.value().dividedBy(Rational.of(100)), number.decimals() + 2)
                : new Expression.Quotient(value, HUNDRED);
    }

    private static Answer based(List<Token> tokens, TokenCursor cursor) {
        cursor.expectSign("_");
        Expression base = new ExpressionParser(cursor, 1).argument();
        if (!cursor.atEnd()
                || tokens.get(0).kind() != Token.Kind.NUMBER
                || tokens.get(1).kind() != Token.Kind.SIGN) {
            throw new UnsupportedAnswerException("not a number in a base");
        }
        return new Answer.Based(tokens.get(0).text().replaceFirst("^0+(?=\\d)", ""), base);
    }

    private static Answer ratio(Expression first, List<Token> tokens, TokenCursor cursor) {
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (cursor.acceptSign(":")) {
            parts.add(new ExpressionParser(cursor, 1).sum());
        }
        boolean digits = tokens.size() >= 3
                && tokens.get(2).text().matches("[0-5]\\d")
                && tokens.get(0).text().matches("\\d{1,2}");
        String suffix = joined(cursor.rest()).toLowerCase(Locale.ROOT).replace(".", "");
        if (!suffix.isEmpty() && !(digits && HALF_OF_DAY.matcher(suffix).matches())) {
            throw new UnsupportedAnswerException("not a ratio");
        }
        return new Answer.Ratio(parts, suffix, digits);
    }

    private static String joined(List<Token> tokens) {
        StringBuilder text = new StringBuilder();
        for (Token token : tokens) {
            boolean word = token.kind() == Token.Kind.WORDS || token.afterSpace();
            text.append(word && text.length() > 0 ? " " : "").append(token.text());
        }
        return text.toString().strip();
    }

    /** A currency sign in front of a number, perhaps with a sign before it. */
    private record Currency(Unit unit, boolean negative, List<Token> rest) {
        static Currency before(List<Token> tokens) {
            int at = !tokens.isEmpty() && tokens.get(0).isSign("-") ? 1 : 0;
            if (at + 1 >= tokens.size()) {
                return new Currency(Unit.NONE, false, tokens);
            }
            Token token = tokens.get(at);
            boolean dollar = token.isSign("$") || token.isSign("\\$") || token.is(Token.Kind.WORDS, "$");
            boolean named = token.kind() == Token.Kind.WORDS && Units.known(token.text());
            if (!dollar && !named) {
                return new Currency(Unit.NONE, false, tokens);
            }
            Unit unit = Units.parse(dollar ? "dollar" : token.text()).unit();
            return new Currency(unit, at == 1, tokens.subList(at + 1, tokens.size()));
        }
    }
}
