package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Answer.Interval;
import dev.respec.scorer.answer.Answer.Named;
import dev.respec.scorer.answer.Answer.Quantity;
import dev.respec.scorer.answer.Answer.Tuple;
import dev.respec.scorer.answer.Answer.Union;
import dev.respec.scorer.answer.Answer.Unordered;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads tokens as lists, sets, intervals, tuples, matrices and relations of quantities. */
final class AnswerParser {
    private static final int DEEPEST = 8;
    private static final int MOST_ELEMENTS = 60;
    private static final Set<String> MATRICES =
            Set.of("pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array");
    private static final Interval REALS = new Interval(
            Quantity.of(Expression.negated(Expression.Constant.INFINITY)),
            Quantity.of(Expression.Constant.INFINITY),
            false,
            false);

    private AnswerParser() {}

    /** @throws UnsupportedAnswerException if this is not an answer of a known kind */
    static Answer parse(List<Token> tokens) {
        return list(tokens, 0);
    }

    private static Answer list(List<Token> tokens, int depth) {
        List<Answer> elements = new ArrayList<>();
        boolean alternatives = true;
        for (List<Token> part : TokenSplit.at(tokens, AnswerParser::separates)) {
            if (!part.isEmpty()) {
                elements.add(item(part, depth));
            }
        }
        for (Token separator : TokenSplit.separators(tokens, AnswerParser::separates)) {
            alternatives &=
                    separator.kind() == Token.Kind.WORDS && separator.text().equalsIgnoreCase("or");
        }
        if (elements.size() == 1) {
            return elements.get(0);
        }
        if (elements.isEmpty() || elements.size() > MOST_ELEMENTS) {
            throw new UnsupportedAnswerException("no elements, or too many");
        }
        boolean conditions = elements.stream().anyMatch(AnswerParser::isCondition);
        if (conditions && !alternatives) {
            throw new UnsupportedAnswerException("conditions that hold together");
        }
        return conditions
                ? new Union(elements.stream().map(AnswerParser::unnamed).toList())
                : flattened(elements, false);
    }

    private static boolean isCondition(Answer answer) {
        return answer instanceof Named named && named.value() instanceof Interval;
    }

    private static Answer unnamed(Answer answer) {
        return answer instanceof Named named ? named.value() : answer;
    }

    /** {@code 1 ± 2, 5} are three values. */
    private static Unordered flattened(List<Answer> elements, boolean braces) {
        List<Answer> all = new ArrayList<>();
        for (Answer element : elements) {
            if (element instanceof Unordered inner && !inner.braces()) {
                all.addAll(inner.elements());
            } else {
                all.add(element);
            }
        }
        return new Unordered(all, braces);
    }

    private static boolean separates(Token token) {
        if (token.kind() == Token.Kind.WORDS) {
            String word = token.text().toLowerCase(Locale.ROOT);
            return word.equals("or") || word.equals("and") || word.equals(",");
        }
        return token.isSign(",") || token.isSign(";");
    }

    static Answer item(List<Token> tokens, int depth) {
        if (depth > DEEPEST) {
            throw new UnsupportedAnswerException("nested too deeply");
        }
        Answer relation = Relations.parse(tokens, depth);
        return relation == null ? union(tokens, depth) : relation;
    }

    private static Answer union(List<Token> tokens, int depth) {
        List<List<Token>> parts = TokenSplit.at(tokens, token -> token.isCommand("cup"));
        return parts.size() == 1
                ? single(tokens, depth)
                : new Union(parts.stream().map(part -> single(part, depth)).toList());
    }

    private static Answer single(List<Token> tokens, int depth) {
        if (tokens.isEmpty()) {
            throw new UnsupportedAnswerException("nothing");
        }
        Token first = tokens.get(0);
        if (tokens.size() == 1 && first.isCommand("mathbb R")) {
            return REALS;
        }
        if (tokens.size() == 1 && (first.isCommand("emptyset") || first.isCommand("varnothing"))) {
            return new Unordered(List.of(), true);
        }
        if (first.kind() == Token.Kind.COMMAND && first.text().startsWith("begin ")) {
            return matrix(tokens, depth);
        }
        if (TokenSplit.isEnclosed(tokens)) {
            Answer structure = structure(tokens, depth);
            if (structure != null) {
                return structure;
            }
        }
        return plusMinus(tokens);
    }

    private static Answer plusMinus(List<Token> tokens) {
        boolean two = tokens.stream().anyMatch(token -> token.isCommand("pm") || token.isCommand("mp"));
        Answer plus = Quantities.parse(tokens, 1);
        return two ? new Unordered(List.of(plus, Quantities.parse(tokens, -1)), false) : plus;
    }

    /** Null if the brackets only group a formula. */
    private static @Nullable Answer structure(List<Token> tokens, int depth) {
        Token opening = tokens.get(0);
        Token closing = tokens.get(tokens.size() - 1);
        List<Token> inner = tokens.subList(1, tokens.size() - 1);
        if (opening.isSign("\\{")) {
            return set(inner, depth);
        }
        boolean matrix = !inner.isEmpty() && inner.get(0).text().startsWith("begin ") && TokenSplit.isEnclosed(inner);
        if (opening.isSign("{") || matrix) {
            return item(inner, depth + 1);
        }
        List<List<Token>> parts = TokenSplit.at(inner, token -> token.isSign(",") || token.isSign(";"));
        if (parts.size() < 2) {
            return null;
        }
        if (parts.size() > MOST_ELEMENTS) {
            throw new UnsupportedAnswerException("too many elements");
        }
        List<Answer> elements =
                parts.stream().map(part -> item(part, depth + 1)).toList();
        boolean lowClosed = opening.isSign("[");
        boolean highClosed = closing.isSign("]");
        boolean interval =
                elements.size() == 2 && !opening.isCommand("langle") && (lowClosed || highClosed || infinite(elements));
        return interval ? new Interval(elements.get(0), elements.get(1), lowClosed, highClosed) : new Tuple(elements);
    }

    private static boolean infinite(List<Answer> ends) {
        return ends.stream()
                .anyMatch(end -> end instanceof Quantity quantity
                        && Expression.contains(quantity.value(), Expression.Constant.INFINITY));
    }

    /** A list in braces, or {@code x | condition}. */
    private static Answer set(List<Token> inner, int depth) {
        if (inner.isEmpty()) {
            return new Unordered(List.of(), true);
        }
        List<List<Token>> builder =
                TokenSplit.at(inner, token -> token.isCommand("mid") || token.isSign("|") || token.isSign(":"));
        boolean named = builder.size() == 2 && builder.get(0).get(0).kind() == Token.Kind.LETTER;
        if (named && builder.get(0).size() <= 3) {
            return list(builder.get(1), depth + 1);
        }
        Answer elements = list(inner, depth + 1);
        return elements instanceof Unordered list && !list.braces()
                ? new Unordered(list.elements(), true)
                : new Unordered(List.of(elements), true);
    }

    private static Answer matrix(List<Token> tokens, int depth) {
        String name = tokens.get(0).text().substring("begin ".length());
        int start = name.equals("array") ? tokens.indexOf(new Token(Token.Kind.SIGN, "}", false)) + 1 : 1;
        int end = tokens.size() - 1;
        if (!MATRICES.contains(name) || !tokens.get(end).isCommand("end " + name)) {
            throw new UnsupportedAnswerException("not a matrix");
        }
        List<Answer> rows = new ArrayList<>();
        for (List<Token> row : TokenSplit.at(tokens.subList(start, end), token -> token.isSign("\\\\"))) {
            if (!row.isEmpty()) {
                rows.add(new Tuple(TokenSplit.at(row, token -> token.isSign("&")).stream()
                        .map(cell -> item(cell, depth + 1))
                        .toList()));
            }
        }
        if (rows.isEmpty() || rows.size() > MOST_ELEMENTS) {
            throw new UnsupportedAnswerException("no rows, or too many");
        }
        return new Answer.Matrix(rows);
    }
}
