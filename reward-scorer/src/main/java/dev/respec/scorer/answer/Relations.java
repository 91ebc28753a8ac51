package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Answer.Equation;
import dev.respec.scorer.answer.Answer.Interval;
import dev.respec.scorer.answer.Answer.Named;
import dev.respec.scorer.answer.Answer.Quantity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Equations, memberships and inequalities; an inequality of one symbol is an interval. */
final class Relations {
    private static final Set<String> COMMANDS = Set.of(
            "in",
            "le",
            "leq",
            "leqslant",
            "ge",
            "geq",
            "geqslant",
            "lt",
            "gt",
            "ne",
            "neq",
            "approx",
            "equiv",
            "iff",
            "implies",
            "Rightarrow",
            "to",
            "rightarrow",
            "cap",
            "setminus");
    private static final Answer INFINITY = Quantity.of(Expression.Constant.INFINITY);
    private static final Answer MINUS_INFINITY = Quantity.of(Expression.negated(Expression.Constant.INFINITY));

    private Relations() {}

    /** Null if there is no relation. */
    static @Nullable Answer parse(List<Token> tokens, int depth) {
        List<String> signs = new ArrayList<>();
        List<List<Token>> sides = sides(tokens, signs);
        if (signs.isEmpty()) {
            return null;
        }
        if (sides.stream().anyMatch(List::isEmpty)) {
            throw new UnsupportedAnswerException("a side is missing");
        }
        String name = name(sides.get(0));
        if (signs.get(signs.size() - 1).equals("approx")) {
            return approximation(sides, name, depth);
        }
        if (signs.stream().allMatch("="::equals)) {
            return equation(sides, depth);
        }
        if (signs.equals(List.of("in")) && name != null) {
            return new Named(name, AnswerParser.item(sides.get(1), depth + 1));
        }
        return inequality(sides, signs, depth);
    }

    private static List<List<Token>> sides(List<Token> tokens, List<String> signs) {
        List<Token> separators = TokenSplit.separators(tokens, Relations::relates);
        List<List<Token>> sides = new ArrayList<>(TokenSplit.at(tokens, Relations::relates));
        for (int i = 0; i < separators.size(); i++) {
            String sign = canonical(separators.get(i).text());
            boolean twoCharacters = i + 1 < separators.size()
                    && sides.get(signs.size() + 1).isEmpty()
                    && separators.get(i + 1).isSign("=")
                    && (sign.equals("<") || sign.equals(">"));
            if (twoCharacters) {
                sides.remove(signs.size() + 1);
                sign += "=";
                i++;
            }
            signs.add(sign);
        }
        return sides;
    }

    private static boolean relates(Token token) {
        return token.isSign("=")
                || token.isSign("<")
                || token.isSign(">")
                || token.kind() == Token.Kind.COMMAND && COMMANDS.contains(token.text());
    }

    private static String canonical(String sign) {
        return switch (sign) {
            case "le", "leq", "leqslant" -> "<=";
            case "ge", "geq", "geqslant" -> ">=";
            case "lt" -> "<";
            case "gt" -> ">";
            case "equiv" -> "=";
            default -> sign;
        };
    }

    /** {@code x = 5} names a value, {@code 2 + 3 = 5} computes one, {@code 2x + y = 3} is an equation. */
    private static Answer equation(List<List<Token>> sides, int depth) {
        List<Token> last = sides.get(sides.size() - 1);
        String name = name(sides.get(0));
        if (name != null) {
            return new Named(name, AnswerParser.item(last, depth + 1));
        }
        Expression left = Quantities.formula(sides.get(0));
        Expression right = Quantities.formula(last);
        if (left != null && Expression.symbols(left).isEmpty() && name(last) == null) {
            requireEqual(left, right);
            return AnswerParser.item(last, depth + 1);
        }
        if (sides.size() == 2 && name(last) != null) {
            return new Named(String.valueOf(name(last)), AnswerParser.item(sides.get(0), depth + 1));
        }
        if (left == null || right == null || sides.size() != 2) {
            throw new UnsupportedAnswerException("not an equation");
        }
        return new Equation(left, right);
    }

    /** {@code π ≈ 3.14} states the exact value; {@code x ≈ 3.14} has only the other. */
    private static Answer approximation(List<List<Token>> sides, @Nullable String name, int depth) {
        if (sides.size() == 2) {
            return name == null
                    ? AnswerParser.item(sides.get(0), depth + 1)
                    : new Named(name, AnswerParser.item(sides.get(1), depth + 1));
        }
        return equation(sides.subList(0, sides.size() - 1), depth);
    }

    /** A calculation that is wrong is not an answer. */
    private static void requireEqual(Expression left, @Nullable Expression right) {
        if (right != null && !new Equality(new Budget()).same(left, right)) {
            throw new UnsupportedAnswerException("a false equation");
        }
    }

    private static Answer inequality(List<List<Token>> sides, List<String> signs, int depth) {
        boolean increasing = signs.stream().allMatch(sign -> sign.startsWith("<"));
        boolean decreasing = signs.stream().allMatch(sign -> sign.startsWith(">"));
        if (!increasing && !decreasing || sides.size() > 3) {
            throw new UnsupportedAnswerException("unknown relation");
        }
        List<List<Token>> ordered = new ArrayList<>(sides);
        List<String> orderedSigns = new ArrayList<>(signs);
        if (decreasing) {
            Collections.reverse(ordered);
            Collections.reverse(orderedSigns);
        }
        List<Boolean> closed =
                orderedSigns.stream().map(sign -> sign.endsWith("=")).toList();
        int middle = ordered.size() == 3 || name(ordered.get(0)) == null ? 1 : 0;
        String name = name(ordered.get(middle));
        if (name == null) {
            throw new UnsupportedAnswerException("inequality of a formula");
        }
        Answer low = middle == 1 ? AnswerParser.item(ordered.get(0), depth + 1) : MINUS_INFINITY;
        boolean bounded = middle + 1 < ordered.size();
        Answer high = bounded ? AnswerParser.item(ordered.get(middle + 1), depth + 1) : INFINITY;
        return new Named(
                name, new Interval(low, high, middle == 1 && closed.get(0), bounded && closed.get(closed.size() - 1)));
    }

    /** The name that a side consists of: {@code x}, {@code f(x)}, {@code (x, y)}, {@code AB}, words; null if it does not. */
    private static @Nullable String name(List<Token> tokens) {
        if (tokens.isEmpty()) {
            return null;
        }
        String joined = tokens.stream().map(Token::text).collect(Collectors.joining());
        if (tokens.stream().allMatch(token -> token.kind() == Token.Kind.WORDS)) {
            return joined;
        }
        boolean symbol = joined.matches("[a-zA-Z]'*(_\\{?[a-zA-Z0-9]+}?)?")
                || tokens.size() == 1 && tokens.get(0).kind() == Token.Kind.LETTER;
        boolean function = joined.matches("[a-zA-Z]\\([a-zA-Z](,[a-zA-Z])*\\)");
        boolean point = joined.matches("\\([a-zA-Z](,[a-zA-Z])+\\)");
        boolean figure = joined.matches("(angle|triangle|overline|\\{)*[A-Z]{2,4}}?");
        return symbol || function || point || figure ? joined : null;
    }
}
